"""Proposals: made, read, commented on and withdrawn."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Header, Query, Response, status

from tillhand_approvals import errors
from tillhand_approvals.domain.lifecycle import State
from tillhand_approvals.domain.proposals import Risk
from tillhand_approvals.models.base import Id, Moment, Name, ToolName
from tillhand_approvals.models.proposals import (
    CancelRequest,
    Counts,
    NoteRequest,
    Proposal,
    ProposalPage,
    ProposalRequest,
)
from tillhand_approvals.ports.ledger import Wish
from tillhand_approvals.routes.dependencies import (
    Anybody,
    Joined,
    Proposing,
    Reading,
    Withdrawing,
    decode_cursor,
    encode_cursor,
)
from tillhand_approvals.routes.proposal_shapes import proposal_out, proposed
from tillhand_common import context
from tillhand_common.problems import Forbidden, responses

router = APIRouter(prefix="/v1/proposals", tags=["proposals"])

IdempotencyKey = Annotated[str | None, Header(max_length=200, include_in_schema=False)]
_ASKED = (
    errors.ToolNotRegistered,
    errors.InvalidArguments,
    errors.UncanonicalJson,
    errors.PolicyDenies,
    errors.IdempotencyConflict,
    errors.ProposalNotFound,
    errors.WrongState,
    errors.ErasedSubject,
    errors.RedactorUnavailable,
    errors.StoreUnavailable,
)


@router.post("", status_code=status.HTTP_201_CREATED, responses=responses(*_ASKED), dependencies=[Proposing])
async def propose(
    body: ProposalRequest, caller: Anybody, joined: Joined, response: Response, idempotency_key: IdempotencyKey = None
) -> Proposal:
    """Propose that a tool be called. Nothing is called before people, or a policy that a person wrote, approve it."""
    proposal, new = await joined.proposing.propose(caller, proposed(body), idempotency_key)
    response.headers["location"] = f"/v1/proposals/{proposal.id}"
    if not new:
        response.headers["idempotency-replayed"] = "true"
    return proposal_out(proposal)


@router.get("", responses=responses(errors.InvalidCursor, errors.StoreUnavailable), dependencies=[Reading])
async def list_proposals(
    caller: Anybody,
    joined: Joined,
    state: Annotated[list[State] | None, Query()] = None,
    risk: Annotated[list[Risk] | None, Query()] = None,
    tool: Annotated[list[ToolName] | None, Query()] = None,
    assignee: Name | None = None,
    requester: Name | None = None,
    created_before: Moment | None = None,
    created_after: Moment | None = None,
    order: Literal["newest", "oldest"] = "newest",
    cursor: Annotated[str | None, Query(max_length=200)] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> ProposalPage:
    """Proposals, redacted, a page at a time."""
    wish = Wish(
        states=state or (),
        tools=tool or (),
        risks=risk or (),
        assignee=assignee,
        requester=requester,
        created_before=created_before,
        created_after=created_after,
        newest_first=order == "newest",
        after=decode_cursor(cursor),
        limit=limit,
    )
    page = await joined.reading.proposals(caller, wish)
    return ProposalPage(
        items=[proposal_out(each) for each in page.proposals], next_cursor=encode_cursor(page.following)
    )


@router.get("/counts", responses=responses(errors.StoreUnavailable), dependencies=[Reading])
async def count_proposals(caller: Anybody, joined: Joined) -> Counts:
    """How many proposals are in each state."""
    return Counts.model_validate({"counts": await joined.reading.counts(caller)})


@router.get(
    "/{proposal_id}",
    responses=responses(Forbidden, errors.ProposalNotFound, errors.ErasedSubject, errors.StoreUnavailable),
    dependencies=[Reading],
)
async def get_proposal(
    proposal_id: Id, caller: Anybody, joined: Joined, view: Literal["redacted", "full"] = "redacted"
) -> Proposal:
    """A proposal. `view=full` adds what is withheld, for `approvals:decide` or `audit:unmask`; the look is recorded."""
    if view == "redacted":
        return proposal_out(await joined.reading.proposal(caller, proposal_id))
    principal = context.principal()
    held = frozenset() if principal is None else principal.scopes
    if not held & {"audit:unmask", "approvals:decide"}:
        raise Forbidden("The key lacks the scope approvals:decide or audit:unmask.", field="query.view")
    proposal, full = await joined.reading.full(caller, proposal_id)
    return proposal_out(proposal, full)


@router.post(
    "/{proposal_id}/notes",
    status_code=status.HTTP_204_NO_CONTENT,
    responses=responses(errors.ProposalNotFound, errors.StoreUnavailable),
    dependencies=[Reading],
)
async def add_note(proposal_id: Id, body: NoteRequest, caller: Anybody, joined: Joined) -> None:
    """Comment on a proposal. It is redacted, recorded and shown to whoever follows; it decides nothing."""
    await joined.reading.note(caller, proposal_id, body.text)


@router.post(
    "/{proposal_id}/cancel",
    responses=responses(errors.ProposalNotFound, errors.AlreadyDecided, errors.StoreUnavailable),
    dependencies=[Reading, Withdrawing],
)
async def cancel(proposal_id: Id, body: CancelRequest, caller: Anybody, joined: Joined) -> Proposal:
    """Withdraw a proposal, before anybody runs it: its own requester, or a person."""
    return proposal_out(await joined.deciding.cancel(caller, proposal_id, body.note))
