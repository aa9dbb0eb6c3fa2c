"""Decisions of people, one or several at once."""

from __future__ import annotations

from fastapi import APIRouter

from tillhand_approvals import errors
from tillhand_approvals.models.base import Id
from tillhand_approvals.models.decisions import BatchOut, BatchRequest, BatchResult, DecisionRequest
from tillhand_approvals.models.proposals import Proposal
from tillhand_approvals.routes.dependencies import Deciding, Joined, Person
from tillhand_approvals.routes.proposal_shapes import proposal_out
from tillhand_approvals.service.deciding import Order
from tillhand_common.problems import Problem, responses

router = APIRouter(prefix="/v1", tags=["decisions"])

_REFUSED = (
    errors.ProposalNotFound,
    errors.AlreadyDecided,
    errors.AlreadyVoted,
    errors.WrongState,
    errors.ProposalExpired,
    errors.ProposalChanged,
    errors.SelfApproval,
    errors.NotEligible,
    errors.TooLateToUndo,
    errors.ToolNotRegistered,
    errors.InvalidArguments,
    errors.UncanonicalJson,
    errors.PolicyDenies,
    errors.ErasedSubject,
    errors.RedactorUnavailable,
    errors.StoreUnavailable,
)


@router.post("/proposals/{proposal_id}/decisions", responses=responses(*_REFUSED), dependencies=[Deciding])
async def decide(proposal_id: Id, body: DecisionRequest, caller: Person, joined: Joined) -> Proposal:
    """Decide about a proposal. Of many people at once one has effect; the others are told who decided what and when."""
    order = Order(
        verb=body.decision,
        digest=body.digest,
        note=body.note,
        arguments=body.arguments,
        role=body.role or "",
        outcome=body.outcome or "failed",
    )
    return proposal_out(await joined.deciding.decide(caller, proposal_id, order))


@router.post(
    "/decisions", responses=responses(errors.RedactorUnavailable, errors.StoreUnavailable), dependencies=[Deciding]
)
async def decide_several(body: BatchRequest, caller: Person, joined: Joined) -> BatchOut:
    """The same decision about several proposals. Each is decided for itself, and says for itself what became of it."""
    results = []
    for item in body.proposals:
        order = Order(verb=body.decision, digest=item.digest, note=body.note)
        try:
            proposal = await joined.deciding.decide(caller, item.id, order)
            results.append(BatchResult(id=item.id, proposal=proposal_out(proposal)))
        except Problem as problem:
            results.append(BatchResult(id=item.id, problem=problem.document()))
    return BatchOut(items=results)
