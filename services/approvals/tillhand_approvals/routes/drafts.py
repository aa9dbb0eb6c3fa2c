"""Replies to customers, drafted and waiting for a person."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Header, Response, status

from tillhand_approvals import errors
from tillhand_approvals.domain.drafts import Message
from tillhand_approvals.models.drafts import DraftRequest
from tillhand_approvals.models.proposals import Proposal
from tillhand_approvals.routes.dependencies import Anybody, Joined, Proposing
from tillhand_approvals.routes.proposal_shapes import proposal_out
from tillhand_common.problems import responses

router = APIRouter(prefix="/v1", tags=["proposals"])

IdempotencyKey = Annotated[str | None, Header(max_length=200, include_in_schema=False)]


@router.post(
    "/drafts",
    status_code=status.HTTP_201_CREATED,
    responses=responses(
        errors.DraftsUnavailable,
        errors.ToolNotRegistered,
        errors.InvalidArguments,
        errors.UncanonicalJson,
        errors.PolicyDenies,
        errors.ErasedSubject,
        errors.ProposalNotFound,
        errors.RedactorUnavailable,
        errors.StoreUnavailable,
    ),
    dependencies=[Proposing],
)
async def draft(
    body: DraftRequest, caller: Anybody, joined: Joined, response: Response, idempotency_key: IdempotencyKey = None
) -> Proposal:
    """Draft a reply to a customer's message from the knowledge base. It waits as a proposal, with its sources."""
    message = Message(
        channel=body.channel,
        text=body.message,
        sender=body.sender,
        name=body.sender_name,
        topic=body.subject,
        id=body.message_id or idempotency_key,
        collection=body.collection,
    )
    proposal, new = await joined.drafting.draft(caller, message)
    response.headers["location"] = f"/v1/proposals/{proposal.id}"
    if not new:
        response.headers["idempotency-replayed"] = "true"
    return proposal_out(proposal)
