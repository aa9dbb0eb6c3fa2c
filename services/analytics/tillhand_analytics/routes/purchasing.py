"""Proposing orders to suppliers. Reading what is due is in `routes.inventory`."""

from typing import Annotated

from fastapi import APIRouter, Depends, Header, Response

from tillhand_analytics import errors
from tillhand_analytics.models.inventory import ProposedOut, PurchaseIn
from tillhand_analytics.models.provenance import Answer
from tillhand_analytics.ports.proposing import Speaker
from tillhand_analytics.routes.dependencies import Parts, Reads
from tillhand_analytics.routes.inventory import Wished, inventory_of
from tillhand_analytics.routes.tabling import UNREADABLE, told
from tillhand_analytics.service.purchasing import Asked, Purchasing
from tillhand_common.actor import Actor, acting
from tillhand_common.problems import responses
from tillhand_common.security import require

router = APIRouter(
    prefix="/v1/inventory", tags=["inventory"], dependencies=[Reads, Depends(require("approvals:propose"))]
)
REFUSALS = responses(errors.UnknownRow, errors.NotProposed, errors.ApprovalsUnavailable)


async def _speaker(
    actor: Annotated[Actor, Depends(acting)],
    idempotency_key: Annotated[
        str | None, Header(max_length=255, description="The same again is the same proposal.")
    ] = None,
) -> Speaker:
    return Speaker(actor.subject, actor.kind, actor.tenant, idempotency_key)


@router.post("/purchase-proposals", status_code=201, responses={**UNREADABLE, **REFUSALS})
async def propose_purchase(
    response: Response,
    parts: Parts,
    wish: Wished,
    speaker: Annotated[Speaker, Depends(_speaker)],
    body: PurchaseIn,
) -> Answer[ProposedOut]:
    """Propose an order of what is due from a supplier, with the evidence of each line; a person decides."""
    asked = Asked(
        body.supplier,
        body.to,
        None if body.skus is None else frozenset(body.skus),
        None if body.deliver_by is None else body.deliver_by.isoformat(),
        body.note,
    )
    figure = await Purchasing(inventory_of(parts), parts.proposals).propose(asked, wish, speaker)
    made = figure.value
    value = ProposedOut(
        proposal_id=made.proposed.id,
        state=made.proposed.state,
        supplier=made.order.supplier,
        lines=len(made.order.lines),
        total_minor=made.order.total_minor,
        left_out=list(made.order.left_out),
    )
    return Answer(provenance=told(response, figure.provenance), value=value)
