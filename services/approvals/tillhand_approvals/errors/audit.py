"""Audit logs that cannot be read."""

from __future__ import annotations

from tillhand_common.problems import Problem


class UnreadableExport(Problem):
    """A file that is no export of an audit log, or not there; never an HTTP answer."""

    status = 422
    slug = "unreadable-export"
    title = "The export cannot be read"
