"""Orders to suppliers as the approvals tell them: those that were sent, or will be, and those that wait."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final

import structlog
from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError

from tillhand_analytics.domain.inventory.on_order import OrderedLine
from tillhand_analytics.domain.inventory.ordering import TOOL
from tillhand_analytics.errors import ApprovalsUnavailable
from tillhand_common.approvals_models import ProposalPage, ProposalView, State
from tillhand_common.errors import UpstreamError
from tillhand_common.http import Resilience, RetryPolicy, Timeouts, UpstreamClient, UpstreamMetrics

PATIENCE_S: Final = 3.0
"""Figures wait for it, and are right enough without."""
A_PAGE: Final = 200
MOST_PAGES: Final = 10
_SENT: Final[frozenset[State]] = frozenset(("approved", "executing", "executed", "outcome_unknown"))
"""An order of which nobody knows whether it was sent counts as sent: a second one would be worse."""
_COUNTED: Final[frozenset[State]] = _SENT | {"pending"}
_log: Final = structlog.get_logger(__name__)


class _Line(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)

    sku: str
    quantity: int = Field(ge=1)


class _Order(BaseModel):
    """What of an order's arguments the approvals never withhold."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    lines: Sequence[_Line]
    deliver_by: date | None = None


class HttpOrders:
    """Asks with the service's own key, briefly."""

    def __init__(self, base_url: str, key: SecretStr | None, metrics: UpstreamMetrics | None = None) -> None:
        once = Resilience("approvals", retry=RetryPolicy(attempts=1), metrics=metrics)
        patience = Timeouts(total_s=PATIENCE_S)
        self._http = UpstreamClient("approvals", base_url, bearer=key, timeouts=patience, resilience=once)

    async def placed(self, since: datetime) -> Sequence[OrderedLine]:
        """Lines of orders that were proposed since then and have not come to nothing. Raises `ApprovalsUnavailable`."""
        asked = {"tool": TOOL, "state": sorted(_COUNTED), "created_after": since.isoformat(), "limit": A_PAGE}
        found: list[OrderedLine] = []
        for _ in range(MOST_PAGES):
            page = await self._page(asked)
            found += [line for proposal in page.items for line in _lines(proposal)]
            if page.next_cursor is None:
                break
            asked = {**asked, "cursor": page.next_cursor}
        return found

    async def aclose(self) -> None:
        """Close all connections."""
        await self._http.aclose()

    async def _page(self, asked: Mapping[str, Any]) -> ProposalPage:
        try:
            answer = await self._http.request("GET", "/v1/proposals", params=asked)
            return ProposalPage.model_validate(answer.json())
        except (UpstreamError, ValidationError) as error:
            raise ApprovalsUnavailable("The approvals do not tell what was ordered.") from error


class NoOrders:
    """Without approvals nothing is known of orders."""

    async def placed(self, since: datetime) -> None:
        """Nothing."""
        del since

    async def aclose(self) -> None:
        """Holds nothing."""


def _lines(proposal: ProposalView) -> Iterator[OrderedLine]:
    try:
        order = _Order.model_validate(proposal.arguments)
    except ValidationError:
        _log.warning("order_not_understood", proposal=proposal.id)
        return
    waits = proposal.state == "pending"
    on = (proposal.created_at if waits else _decided_at(proposal)).date()
    for line in order.lines:
        yield OrderedLine(proposal.id, line.sku, line.quantity, on, waits, order.deliver_by)


def _decided_at(proposal: ProposalView) -> datetime:
    if proposal.outcome is not None:
        return proposal.outcome.time
    return proposal.updated_at if proposal.decision is None else proposal.decision.time
