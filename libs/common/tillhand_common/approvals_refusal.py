"""How the approvals say no, and where a proposal is."""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Mapping
from typing import Any, Final

from tillhand_common.errors import UpstreamRejected

_NOT_FOUND: Final = 404
_ID: Final = re.compile(r"[0-9A-Za-z_-]{1,64}")


class Refused(Exception):  # a refusal is an answer
    """The approvals said no. `slug` is the last part of the problem's type, such as `policy-denies`."""

    def __init__(self, status: int, problem: Mapping[str, Any]) -> None:
        self.status = status
        self.problem = problem
        self.slug = str(problem.get("type", "")).rpartition(":")[2]
        super().__init__(str(problem.get("detail") or problem.get("title") or f"status {status}"))


def place(proposal_id: str) -> str:
    """The path of a proposal. What is no id has none, and is `Refused`: dots and slashes in it would lead elsewhere."""
    if not _ID.fullmatch(proposal_id):
        raise Refused(_NOT_FOUND, {"title": "There is no such proposal"})
    return f"/v1/proposals/{proposal_id}"


def refused(error: UpstreamRejected) -> Refused:
    """What the approvals said with a 4xx status."""
    with contextlib.suppress(ValueError):
        problem = json.loads(error.body)
        if isinstance(problem, dict):
            return Refused(error.upstream_status, problem)
    return Refused(error.upstream_status, {})
