"""`ga4_*`: reports of a property of Google Analytics, over the Data API v1beta."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from tillhand_common.http import UpstreamClient
from tillhand_mcp.adapters.google.client import GoogleClient
from tillhand_mcp.adapters.google.quota import PropertyQuota
from tillhand_mcp.adapters.upstreams.agreed import agreed
from tillhand_mcp.adapters.upstreams.standing import Standing
from tillhand_mcp.domain.origins import ConnectorState
from tillhand_mcp.ports.connector import Answer, AnyTool, ReadTool
from tillhand_mcp.ports.toolbox import Caller, Progress

Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9_:\[\]-]{0,99}$")]
Day = Annotated[
    str,
    StringConstraints(pattern=r"^(\d{4}-\d{2}-\d{2}|today|yesterday|\d{1,4}daysAgo)$"),
    Field(description="A day of the property's time zone: 2026-10-31, today, yesterday, or 28daysAgo."),
]
SEVERAL: Final = 9
TOLD_ROWS: Final = 20


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Filter(_Model):
    """What rows must be: all filters together hold."""

    dimension: Name
    match: Literal["exact", "contains", "begins_with", "ends_with", "full_regexp"] = "exact"
    values: Annotated[list[Annotated[str, Field(max_length=500)]], Field(min_length=1, max_length=50)]
    exclude: bool = False


class Order(_Model):
    """By what rows are ordered."""

    field: Name
    descending: bool = True


class Report(_Model):
    """A report. `cursor` is the `next_cursor` of the page before."""

    metrics: Annotated[list[Name], Field(min_length=1, max_length=10)]
    dimensions: Annotated[list[Name], Field(max_length=SEVERAL)] = Field(default_factory=list)
    start_date: Day = "28daysAgo"
    end_date: Day = "yesterday"
    filters: Annotated[list[Filter], Field(max_length=10)] = Field(default_factory=list)
    order_by: Order | None = None
    limit: Annotated[int, Field(ge=1, le=1_000)] = 100
    cursor: Annotated[str, StringConstraints(pattern=r"^\d{1,9}$")] | None = None


class Realtime(_Model):
    """What happens now: the last 30 minutes."""

    metrics: Annotated[list[Name], Field(min_length=1, max_length=10)] = Field(default_factory=lambda: ["activeUsers"])
    dimensions: Annotated[list[Name], Field(max_length=4)] = Field(default_factory=list)
    limit: Annotated[int, Field(ge=1, le=1_000)] = 100


class Wanted(_Model):
    """Which dimensions and metrics: those whose name or description holds `search`."""

    search: Annotated[str, Field(max_length=100)] = ""
    kind: Literal["dimensions", "metrics"]
    limit: Annotated[int, Field(ge=1, le=200)] = 50


class Quality(_Model):
    """What Google says of a report that is not the whole truth."""

    currency: str | None
    time_zone: str | None
    sampled: bool
    thresholded: bool
    data_loss_from_other_row: bool


class Table(_Model):
    """Rows in the order of `columns`: dimensions are text, metrics are numbers."""

    columns: list[str]
    rows: list[list[str | float | int]]
    row_count: int
    quality: Quality
    next_cursor: str | None


class Known(_Model):
    """A dimension or a metric that the property has."""

    name: str
    title: str
    description: str
    category: str


class Names(_Model):
    """Dimensions or metrics of the property."""

    names: list[Known]
    matching: int


class Ga4Connector:
    """One property."""

    id = "ga4"
    title = "Google Analytics 4"

    def __init__(
        self, http: UpstreamClient, client: GoogleClient, standing: Standing, quota: PropertyQuota, property_id: str
    ) -> None:
        self._http = http
        self._client = client
        self._standing = standing
        self._quotas = {"runReport": quota, "runRealtimeReport": quota.apart()}
        self._path = f"/v1beta/properties/{property_id or '0'}"
        standing.quota = quota.quota

    def tools(self) -> Sequence[AnyTool]:
        """Reports, what happens now, and what can be asked for."""
        found: Sequence[ReadTool[Any]] = (
            ReadTool("ga4_report", "Analytics report",
                     "Report visits, behaviour and revenue by any dimensions of Google Analytics. `ga4_metadata` tells "
                     "their names. Mind `quality`: sampled or thresholded figures are not exact.",
                     Report, Table, agreed(self.id, self._report), fresh_s=300),
            ReadTool("ga4_realtime", "Visitors now",
                     "Report what happens on the shop's pages now: the last 30 minutes.",
                     Realtime, Table, agreed(self.id, self._realtime), fresh_s=20),
            ReadTool("ga4_metadata", "Dimensions and metrics",
                     "List the dimensions or metrics that reports of this property can use.",
                     Wanted, Names, agreed(self.id, self._metadata), fresh_s=3_600),
        )  # fmt: skip  # one tool a paragraph reads as a table
        return found

    async def state(self) -> ConnectorState:
        """How it stands, from what is known already."""
        return self._standing.state()

    async def check(self) -> ConnectorState:
        """Whether the property answers; its metadata cost no tokens."""
        return await self._standing.checked(lambda: self._client.get(f"{self._path}/metadata"))

    async def aclose(self) -> None:
        """Close all connections."""
        await self._http.aclose()

    async def _report(self, caller: Caller, given: Report, progress: Progress) -> Answer:  # noqa: ARG002  # the port's
        offset = int(given.cursor or 0)
        body = {
            "metrics": _names(given.metrics),
            "dimensions": _names(given.dimensions),
            "dateRanges": [{"startDate": given.start_date, "endDate": given.end_date}],
            "limit": str(given.limit),
            "offset": str(offset),
            "returnPropertyQuota": True,
        }
        if given.filters:
            body["dimensionFilter"] = {"andGroup": {"expressions": [_expression(each) for each in given.filters]}}
        if given.order_by is not None:
            body["orderBys"] = [_ordered(given.order_by, given.metrics)]
        return await self._asked("runReport", body, offset)

    async def _realtime(self, caller: Caller, given: Realtime, progress: Progress) -> Answer:  # noqa: ARG002  # the port's
        body = {
            "metrics": _names(given.metrics),
            "dimensions": _names(given.dimensions),
            "limit": str(given.limit),
            "returnPropertyQuota": True,
        }
        return await self._asked("runRealtimeReport", body, None)

    async def _metadata(self, caller: Caller, given: Wanted, progress: Progress) -> Answer:  # noqa: ARG002  # the port's
        found = await self._client.get(f"{self._path}/metadata")
        sought = given.search.casefold()
        matching = [
            Known(
                name=each["apiName"],
                title=each.get("uiName", ""),
                description=each.get("description", ""),
                category=each.get("category", ""),
            )
            for each in found.get(given.kind, ())
            if sought in f"{each['apiName']} {each.get('uiName', '')} {each.get('description', '')}".casefold()
        ]
        shown = matching[: given.limit]
        told = "\n".join(f"{each.name}: {each.title}" for each in shown)
        names = Names(names=shown, matching=len(matching))
        return Answer(names, told or "None match.", self._standing.origin(truncated=len(shown) < len(matching)))

    async def _asked(self, method: str, body: Mapping[str, Any], offset: int | None) -> Answer:
        quota = self._quotas[method]
        quota.admit()
        found = await self._client.post(f"{self._path}:{method}", body)
        quota.learned(found.get("propertyQuota"))
        table = _table(found, offset)
        more = bool(table.rows) and (offset or 0) + len(table.rows) < table.row_count
        return Answer(table, _told(table), replace(self._standing.origin(truncated=more), quota=quota.quota()))


def _names(names: Sequence[str]) -> list[dict[str, str]]:
    return [{"name": name} for name in names]


def _expression(given: Filter) -> dict[str, Any]:
    if given.match == "exact":
        matching: dict[str, Any] = {"inListFilter": {"values": given.values, "caseSensitive": True}}
    else:
        kind = given.match.upper()
        each = [{"filter": _string(given.dimension, kind, value)} for value in given.values]
        found = each[0] if len(each) == 1 else {"orGroup": {"expressions": each}}
        return {"notExpression": found} if given.exclude else found
    found = {"filter": {"fieldName": given.dimension, **matching}}
    return {"notExpression": found} if given.exclude else found


def _string(dimension: str, kind: str, value: str) -> dict[str, Any]:
    return {"fieldName": dimension, "stringFilter": {"matchType": kind, "value": value}}


def _ordered(order: Order, metrics: Sequence[str]) -> dict[str, Any]:
    if order.field in metrics:
        return {"metric": {"metricName": order.field}, "desc": order.descending}
    return {"dimension": {"dimensionName": order.field}, "desc": order.descending}


def _table(found: Mapping[str, Any], offset: int | None) -> Table:
    """An answer's rows; without an offset there are no more pages than this one."""
    dimensions = [each["name"] for each in found.get("dimensionHeaders", ())]
    metrics = found.get("metricHeaders", ())
    rows = [
        [
            *(each.get("value", "") for each in row.get("dimensionValues", ())),
            *(_number(each.get("value", "0")) for each in row.get("metricValues", ())),
        ]
        for row in found.get("rows", ())
    ]
    count, said = int(found.get("rowCount", 0)), found.get("metadata") or {}
    quality = Quality(
        currency=said.get("currencyCode"),
        time_zone=said.get("timeZone"),
        sampled=bool(said.get("samplingMetadatas")),
        thresholded=bool(said.get("subjectToThresholding")),
        data_loss_from_other_row=bool(said.get("dataLossFromOtherRow")),
    )
    reached = (offset or 0) + len(rows)
    return Table(
        columns=[*dimensions, *(each["name"] for each in metrics)],
        rows=rows,
        row_count=count,
        quality=quality,
        next_cursor=str(reached) if offset is not None and rows and reached < count else None,
    )


def _number(text: str) -> float | int:
    try:
        return int(text)
    except ValueError:
        return float(text)


def _told(table: Table) -> str:
    lines = [" | ".join(map(str, row)) for row in table.rows[:TOLD_ROWS]]
    shown = f"{len(lines)} of {table.row_count} rows are shown." if len(lines) < table.row_count else ""
    return "\n".join(filter(None, (" | ".join(table.columns), *lines, shown)))
