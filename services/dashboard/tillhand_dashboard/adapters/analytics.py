"""Analytics over HTTP."""

from __future__ import annotations

import re
from typing import Any, Final
from urllib.parse import quote

from tillhand_dashboard.adapters.gateway import Call, Gateway, given
from tillhand_dashboard.domain.accounts import Person
from tillhand_dashboard.domain.results import Failure, Result
from tillhand_dashboard.ports.analytics import (
    ObjectivesView,
    PlanView,
    ProposedView,
    PurchaseOrder,
    ReadoutView,
    StatusView,
)
from tillhand_dashboard.ports.views import Attached, Download, Row, Table, Value

READ: Final = "analytics:read"
PROPOSE: Final = "approvals:propose"
NO_KEY: Final = Failure(
    "unset",
    "The console has no key to propose with: the one by which it decides may not.",
    "Make one with tillhand keys create proposing --kind service --scope analytics:read --scope approvals:propose "
    "--scope act_as, and set it as TILLHAND_DASHBOARD_PROPOSING_KEY.",
    "no-proposing-key",
    503,
)
_PATH: Final = re.compile(r"[a-z0-9-]+(/[a-z0-9-]+){0,4}")
_UNKNOWN: Final = Failure("refused", "There is no such figure.", "", "not-found", 404)


class HttpAnalytics:
    """Asks services/analytics."""

    def __init__(self, gateway: Gateway, proposing: Gateway | None = None) -> None:
        self._gateway = gateway
        self._proposing = proposing

    async def status(self, person: Person) -> Result[StatusView]:
        """Whether figures are real, and how fresh; what is missing, and how to get it."""
        return await self._gateway.ask(person, READ, ("GET", "/v1/status"), StatusView.model_validate)

    async def objectives(self, person: Person) -> Result[ObjectivesView]:
        """Every objective of every service."""
        return await self._gateway.ask(person, READ, ("GET", "/v1/slo"), ObjectivesView.model_validate)

    async def table(self, person: Person, path: str, **parameters: Any) -> Result[Table]:  # noqa: ANN401  # as the route takes them
        """A page of a table: `limit`, `cursor`, `sort` and the table's own parameters."""
        if _PATH.fullmatch(path) is None:
            return _UNKNOWN
        call: Call = ("GET", f"/v1/{path}")
        return await self._gateway.ask(person, READ, call, Table.model_validate, params=given(parameters))

    async def value(self, person: Person, path: str, **parameters: Any) -> Result[Value]:  # noqa: ANN401  # as the route takes them
        """An answer that is no table, such as `inventory/totals`."""
        if _PATH.fullmatch(path) is None:
            return _UNKNOWN
        call: Call = ("GET", f"/v1/{path}")
        return await self._gateway.ask(person, READ, call, _value, params=given(parameters))

    async def chart(self, person: Person, path: str, **parameters: Any) -> Result[Attached]:  # noqa: ANN401  # as the route takes them
        """A picture: the path without `/chart.svg`."""
        return await self._behind(person, path, "svg", parameters)

    async def chart_numbers(self, person: Person, path: str, **parameters: Any) -> Result[Attached]:  # noqa: ANN401  # as the route takes them
        """The numbers behind a picture, as JSON: the path without `/chart.json`."""
        return await self._behind(person, path, "json", parameters)

    async def exported(self, person: Person, path: str, **parameters: Any) -> Result[Download]:  # noqa: ANN401  # as the route takes them
        """All rows of a table as CSV, as they come: the path without `/export.csv`."""
        if _PATH.fullmatch(path) is None:
            return _UNKNOWN
        return await self._gateway.download(person, READ, f"/v1/{path}/export.csv", params=given(parameters))

    async def sku(self, person: Person, sku: str) -> Result[Value]:
        """All that is known of one SKU."""
        place = _place(sku)
        return _UNKNOWN if place is None else await self._gateway.ask(person, READ, ("GET", place), _value)

    async def demand_chart(self, person: Person, sku: str, **parameters: Any) -> Result[Attached]:  # noqa: ANN401  # as the route takes them
        """What was sold of a SKU day by day, and what is expected."""
        return await self._of_sku(person, sku, "svg", parameters)

    async def demand_numbers(self, person: Person, sku: str, **parameters: Any) -> Result[Attached]:  # noqa: ANN401  # as the route takes them
        """Those behind the picture of a SKU's demand."""
        return await self._of_sku(person, sku, "json", parameters)

    async def readout(self, person: Person, body: Row) -> Result[ReadoutView]:
        """What an experiment shows, from its running totals."""
        call: Call = ("POST", "/v1/experiments/readout")
        return await self._gateway.ask(person, READ, call, ReadoutView.model_validate, json=body)

    async def plan(self, person: Person, body: Row) -> Result[PlanView]:
        """How much an experiment needs to show a lift."""
        call: Call = ("POST", "/v1/experiments/plan")
        return await self._gateway.ask(person, READ, call, PlanView.model_validate, json=body)

    def proposing(self, person: Person) -> Failure | None:
        """Why somebody cannot propose from here; None where they can."""
        if not person.may(PROPOSE):
            return Failure("not-allowed", f"A {person.role} may read this, and not propose it.")
        return NO_KEY if self._proposing is None else None

    async def propose_order(self, person: Person, order: PurchaseOrder, key: str) -> Result[ProposedView]:
        """Propose an order of what is due; the same `key` again is the same proposal."""
        call: Call = ("POST", "/v1/inventory/purchase-proposals")
        body = given(order.model_dump())
        if self._proposing is None:
            return NO_KEY
        return await self._proposing.ask(person, PROPOSE, call, _proposed, json=body, idempotency_key=key)

    async def _behind(self, person: Person, path: str, kind: str, parameters: dict[str, Any]) -> Result[Attached]:
        if _PATH.fullmatch(path) is None:
            return _UNKNOWN
        return await self._gateway.attached(person, READ, f"/v1/{path}/chart.{kind}", params=given(parameters))

    async def _of_sku(self, person: Person, sku: str, kind: str, parameters: dict[str, Any]) -> Result[Attached]:
        place = _place(sku)
        if place is None:
            return _UNKNOWN
        return await self._gateway.attached(person, READ, f"{place}/chart.{kind}", params=given(parameters))


def _value(document: Any) -> Value:  # noqa: ANN401  # any JSON
    return Value.model_validate(document if "value" in document else {"value": document, **_provenance(document)})


def _provenance(document: Any) -> dict[str, Any]:  # noqa: ANN401  # any JSON
    return {"provenance": document["provenance"]} if "provenance" in document else {}


def _proposed(document: Any) -> ProposedView:  # noqa: ANN401  # any JSON
    return ProposedView.model_validate(document["value"])


def _place(sku: str) -> str | None:
    """Where a SKU is; a dot or two would lead elsewhere."""
    return None if sku.strip(".") == "" else f"/v1/inventory/skus/{quote(sku, safe='')}"
