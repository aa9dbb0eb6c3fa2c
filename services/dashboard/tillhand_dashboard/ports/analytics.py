"""Analytics, as the console needs them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Protocol

from pydantic import Field

from tillhand_dashboard.domain.accounts import Person
from tillhand_dashboard.domain.experimenting import Verdict
from tillhand_dashboard.domain.results import Failure, Result
from tillhand_dashboard.ports.views import Attached, Download, Missing, Row, Table, Value, View


class GateView(View):
    """How one source stands: whether it is live, and what is missing where it is not."""

    source: str
    state: str
    mode: str | None
    reason: str
    missing: Sequence[Missing]
    checked_at: datetime | None


class SourceView(View):
    """How one source was read."""

    source: str
    mode: str
    fetched_at: datetime
    complete_through: date | None
    rows: int
    stale: bool


class StatusView(View):
    """Whether figures are real, and how fresh."""

    mode: str | None
    banner: str
    has_analytics_token: bool
    forced_mocks: bool
    gates: Sequence[GateView]
    sources: Sequence[SourceView]
    failure: str


class ObjectiveView(View):
    """One objective, and how it stands."""

    service: str
    id: str
    description: str
    promise: str
    target: float
    window_days: int
    state: str
    measured: float | None
    budget_left: float | None
    covers_window: bool
    alert: str | None


class ObjectivesView(View):
    """All objectives, and how they are measured."""

    provenance: Row
    objectives: Sequence[ObjectiveView]


class PurchaseOrder(View):
    """An order to a supplier that somebody wants to be decided. No SKUs: all that are due."""

    supplier: str
    to: str
    skus: Sequence[str] = ()
    deliver_by: str = ""
    note: str = ""


class ProposedView(View):
    """What became of it: a proposal that waits for a person, or that a policy has decided already."""

    proposal_id: str
    state: str
    lines: int
    total_minor: int
    left_out: Sequence[str]


class BoundsView(View):
    """A measure of an arm beside the control; bounds are missing before there is enough."""

    control: float
    treatment: float
    difference: float
    low: float | None
    high: float | None
    lift: float | None
    lift_low: float | None
    lift_high: float | None
    chance: float
    enough: bool


class TreatmentView(View):
    """One arm beside the control."""

    name: str
    verdict: Verdict
    reason: str
    conversion: BoundsView
    revenue_per_visitor: BoundsView | None


class SplitView(View):
    """Whether visitors were split as intended."""

    chance: float
    chance_always: float
    invalid_below: float


class ReadoutView(View):
    """What an experiment shows now."""

    provenance: Row
    verdict: Verdict
    reason: str
    control: str
    treatments: Sequence[TreatmentView] = Field(min_length=1)
    split: SplitView
    visitors: int
    alpha: float


class PlanView(View):
    """How many visitors an experiment needs for each arm."""

    visitors_per_arm: int
    visitors_per_arm_one_look: int


class Analytics(Protocol):
    """Figures. A path is that of the HTTP interface below `/v1/`, such as `inventory/skus`; so are its parameters."""

    async def status(self, person: Person) -> Result[StatusView]:
        """Whether figures are real, and how fresh; what is missing, and how to get it."""
        ...

    async def objectives(self, person: Person) -> Result[ObjectivesView]:
        """Every objective of every service."""
        ...

    async def table(self, person: Person, path: str, **parameters: Any) -> Result[Table]:  # noqa: ANN401  # as the route takes them
        """A page of a table: `limit`, `cursor`, `sort` and the table's own parameters."""
        ...

    async def value(self, person: Person, path: str, **parameters: Any) -> Result[Value]:  # noqa: ANN401  # as the route takes them
        """An answer that is no table, such as `inventory/totals`."""
        ...

    async def chart(self, person: Person, path: str, **parameters: Any) -> Result[Attached]:  # noqa: ANN401  # as the route takes them
        """A picture: the path without `/chart.svg`."""
        ...

    async def chart_numbers(self, person: Person, path: str, **parameters: Any) -> Result[Attached]:  # noqa: ANN401  # as the route takes them
        """The numbers behind a picture, as JSON: the path without `/chart.json`."""
        ...

    async def demand_numbers(self, person: Person, sku: str, **parameters: Any) -> Result[Attached]:  # noqa: ANN401  # as the route takes them
        """Those behind the picture of a SKU's demand."""
        ...

    async def exported(self, person: Person, path: str, **parameters: Any) -> Result[Download]:  # noqa: ANN401  # as the route takes them
        """All rows of a table as CSV, as they come: the path without `/export.csv`."""
        ...

    async def sku(self, person: Person, sku: str) -> Result[Value]:
        """All that is known of one SKU."""
        ...

    async def demand_chart(self, person: Person, sku: str, **parameters: Any) -> Result[Attached]:  # noqa: ANN401  # as the route takes them
        """What was sold of a SKU day by day, and what is expected."""
        ...

    async def readout(self, person: Person, body: Row) -> Result[ReadoutView]:
        """What an experiment shows, from its running totals."""
        ...

    async def plan(self, person: Person, body: Row) -> Result[PlanView]:
        """How much an experiment needs to show a lift."""
        ...

    def proposing(self, person: Person) -> Failure | None:
        """Why somebody cannot propose from here; None where they can."""
        ...

    async def propose_order(self, person: Person, order: PurchaseOrder, key: str) -> Result[ProposedView]:
        """Propose an order of what is due; the same `key` again is the same proposal."""
        ...
