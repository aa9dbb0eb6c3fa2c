"""Writes: a call proposes, people approve, and the answer is the task under which it can be followed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from tillhand_common.approvals_client import Refused as Said
from tillhand_common.approvals_models import ProposalView
from tillhand_common.errors import UpstreamError
from tillhand_mcp.domain.tools import Done, Json, Refused, Task, TaskState
from tillhand_mcp.errors import ApprovalsUnavailable
from tillhand_mcp.ports.approvals import Approvals
from tillhand_mcp.ports.toolbox import Caller

POLL_S: Final = 2.0
RETRY_S: Final = 10.0
NOT_FOUND: Final = 404
_AWAY: Final = "Writes need the approvals, which cannot be reached now. Nothing was changed; reading goes on."
_NOT_YET: Final = "The approvals do not know this tool yet: they are told within seconds. Nothing was changed."
_UNKNOWN: Final = "tool-not-registered"
"""What the approvals say of a tool until this service, which has just started, has registered it."""
_STATES: Final[dict[str, TaskState]] = {
    "pending": "working",
    "approved": "working",
    "executing": "working",
    "executed": "completed",
    "cancelled": "cancelled",
}
_WAITING: Final = {
    "pending": "Waiting for a person to decide.",
    "approved": "Approved; about to be done.",
    "executing": "Being done.",
    "executed": "Done.",
    "rejected": "A person has rejected it.",
    "revise_requested": "A person asks for another proposal.",
    "expired": "Nobody decided in time: this is no rejection.",
    "cancelled": "Withdrawn.",
    "failed": "It was approved, and failed: nothing was changed.",
    "outcome_unknown": "It may or may not have been done; a person finds out. Do not propose it again before.",
}


class Writing:
    """Proposes, and tells what becomes of it."""

    def __init__(self, approvals: Approvals) -> None:
        self._approvals = approvals

    async def propose(
        self, caller: Caller, tool: str, arguments: Json, reason: str, evidence: Sequence[Json] = ()
    ) -> Task | Refused:
        """The task of a proposed call; without the approvals nothing is written, and nothing proposed."""
        try:
            return task_of(await self._approvals.propose(caller, tool, arguments, reason, evidence))
        except Said as refusal:
            if refusal.slug == _UNKNOWN:
                return Refused(ApprovalsUnavailable.slug, _NOT_YET, retry_after_s=POLL_S)
            return Refused(refusal.slug or "refused", str(refusal), details=_details(refusal))
        except UpstreamError as error:
            return Refused(ApprovalsUnavailable.slug, _AWAY, retry_after_s=error.retry_after_s or RETRY_S)

    async def task(self, caller: Caller, task_id: str) -> Task | None:
        """A task as it is now. Raises `ApprovalsUnavailable`."""
        try:
            return task_of(await self._approvals.proposal(caller, task_id))
        except (Said, UpstreamError) as error:
            if isinstance(error, Said) and error.status == NOT_FOUND:
                return None
            raise ApprovalsUnavailable(_AWAY, retry_after_s=RETRY_S) from error

    async def cancel(self, caller: Caller, task_id: str) -> Task | None:
        """Withdraw, where nothing has begun; the task as it is then. Raises `ApprovalsUnavailable`."""
        try:
            return task_of(await self._approvals.cancel(caller, task_id))
        except (Said, UpstreamError):  # refused or unheard: what is true is what it is now
            return await self.task(caller, task_id)


def task_of(proposal: ProposalView) -> Task:
    """A proposal as a task: truthful about every way in which it can end."""
    state = _STATES.get(proposal.state, "failed")
    note = proposal.decision.note if proposal.decision is not None else ""
    status = f"{_WAITING[proposal.state]}{f' They say: {note}' if note and state == 'failed' else ''}"
    result, refusal = None, None
    detail: Json = {} if proposal.outcome is None else proposal.outcome.detail
    if state == "completed" and "result" in detail:
        result = Done(detail["result"], str(detail.get("text", status)))
    elif state == "completed":  # the tool's own answer was lost, and nothing else fits what it promises
        told = f" They say: {detail['note']}" if detail.get("note") else ""
        status = f"Done, as a person has found out.{told}"
        refusal = Refused("settled-as-done", status, details={"state": proposal.state})
    elif state != "working":
        details: dict[str, object] = {"state": proposal.state, "edited": proposal.edited}
        if proposal.outcome is not None:
            details["detail"] = dict(proposal.outcome.detail)
        refusal = Refused(proposal.state.replace("_", "-"), status, details=details)
    return Task(
        id=proposal.id,
        tool=proposal.tool,
        state=state,
        status=status,
        created_at=proposal.created_at,
        updated_at=proposal.updated_at,
        poll_s=POLL_S,
        expires_at=proposal.expires_at if proposal.state == "pending" else None,
        result=result,
        refusal=refusal,
    )


def _details(refusal: Said) -> Json:
    kept = ("faults", "field", "rule")
    return {name: refusal.problem[name] for name in kept if name in refusal.problem}
