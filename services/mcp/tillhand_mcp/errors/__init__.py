"""The connectors' errors.

Problem
└── UnknownTool                  404
"""

from __future__ import annotations

from tillhand_common.problems import Problem

__all__ = ["UnknownTool"]


class UnknownTool(Problem):
    """No connector has a tool of this name."""

    status = 404
    slug = "unknown-tool"
    title = "There is no such tool"
