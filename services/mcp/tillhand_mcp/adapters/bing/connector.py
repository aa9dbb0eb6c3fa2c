"""`bing_*`: a site in Bing Webmaster Tools. The key goes in the address, as Bing wants it, and into no log."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Annotated, Any, Final

from pydantic import BaseModel, ConfigDict, Field, SecretStr, StringConstraints

from tillhand_common.errors import UpstreamProtocolError, UpstreamRejected, UpstreamThrottled
from tillhand_common.http import Options, UpstreamClient, UpstreamResponse
from tillhand_mcp.adapters.upstreams.agreed import agreed
from tillhand_mcp.adapters.upstreams.standing import FORBIDDEN, UNAUTHORIZED, Standing
from tillhand_mcp.domain.origins import ConnectorState
from tillhand_mcp.errors import ConnectorUnavailable, ToolRefused
from tillhand_mcp.ports.connector import Answer, AnyTool, Approved, ReadTool, WriteTool
from tillhand_mcp.ports.toolbox import Caller, Progress

PATH: Final = "/webmaster/api.svc/json"
TOLD_ROWS: Final = 20
LONGEST_TOLD: Final = 400
NO_KEY: Final = frozenset({3, 14})
"""Bing's codes for a key that it does not know, or that may not see the site."""
TOO_MUCH: Final = frozenset({4, 5})
_DATE: Final = re.compile(r"/Date\((-?\d+)(?:[+-]\d{4})?\)/")


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Wanted(_Model):
    """Which rows: those whose query or page holds `search`. Bing gives weeks of the last six months, no other range."""

    search: Annotated[str, Field(max_length=200)] = ""
    limit: Annotated[int, Field(ge=1, le=500)] = 100
    cursor: Annotated[str, StringConstraints(pattern=r"^\d{1,7}$")] | None = Field(
        default=None, description="`next_cursor` of the page before."
    )


class Row(_Model):
    """One query or page in one week. Positions are null where there were no clicks or impressions."""

    key: str
    week: datetime
    clicks: int
    impressions: int
    click_position: float | None
    impression_position: float | None


class Rows(_Model):
    """Rows, newest week first."""

    rows: list[Row]
    matching: int
    next_cursor: str | None


class Nothing(_Model):
    """Takes nothing."""


class Allowance(_Model):
    """How many addresses can still be submitted."""

    daily: int
    monthly: int


class Submission(_Model):
    """A page of the site that Bing is asked to crawl."""

    url: Annotated[str, StringConstraints(pattern=r"^https?://", max_length=2_048)]


class Submitted(_Model):
    """What was submitted."""

    url: str


class BingConnector:
    """One site."""

    id = "bing"
    title = "Bing Webmaster Tools"

    def __init__(self, http: UpstreamClient, key: SecretStr, standing: Standing, site: str) -> None:
        self._http = http
        self._key = key
        self._standing = standing
        self._site = site

    def tools(self) -> Sequence[AnyTool]:
        """Statistics by query and by page, and submitting a page."""
        reads: Sequence[ReadTool[Any]] = (
            ReadTool("bing_query_stats", "Queries on Bing",
                     "Report clicks, impressions and positions on Bing, by query and week of the last six months.",
                     Wanted, Rows, agreed(self.id, self._queries), fresh_s=3_600),
            ReadTool("bing_page_stats", "Pages on Bing",
                     "Report clicks, impressions and positions on Bing, by page and week of the last six months.",
                     Wanted, Rows, agreed(self.id, self._pages), fresh_s=3_600),
            ReadTool("bing_submission_quota", "Submissions left",
                     "Read how many pages can still be submitted to Bing today and this month.",
                     Nothing, Allowance, agreed(self.id, self._allowance), fresh_s=60),
        )  # fmt: skip  # one tool a paragraph reads as a table
        submit: WriteTool[Any] = WriteTool(
            "bing_submit_url", "Submit a page to Bing",
            "Propose to ask Bing to crawl a page of the site again.",
            Submission, Submitted, "low", agreed(self.id, self._submit),
            cost_of_error="One of the day's submissions is used up.",
        )  # fmt: skip
        return (*reads, submit)

    async def state(self) -> ConnectorState:
        """How it stands, from what is known already."""
        return self._standing.state()

    async def check(self) -> ConnectorState:
        """Whether Bing takes the key, and knows the site."""
        return await self._standing.checked(lambda: self._get("GetUrlSubmissionQuota"))

    async def aclose(self) -> None:
        """Close all connections."""
        await self._http.aclose()

    async def _queries(self, caller: Caller, given: Wanted, progress: Progress) -> Answer:  # noqa: ARG002  # the port's
        return self._rows(await self._get("GetQueryStats"), given)

    async def _pages(self, caller: Caller, given: Wanted, progress: Progress) -> Answer:  # noqa: ARG002  # the port's
        return self._rows(await self._get("GetPageStats"), given)  # whose field for the page is called Query, too

    async def _allowance(self, caller: Caller, given: Nothing, progress: Progress) -> Answer:  # noqa: ARG002  # the port's
        found = await self._get("GetUrlSubmissionQuota")
        left = Allowance(daily=found["DailyQuota"], monthly=found["MonthlyQuota"])
        return Answer(left, f"{left.daily} today, {left.monthly} this month.", self._standing.origin())

    async def _submit(self, approved: Approved, given: Submission) -> Answer:  # noqa: ARG002  # the port's
        # Bing takes no key, and each submission uses up one of the day's: a lost answer is not asked for again.
        await self._call("POST", "SubmitUrl", {"json": {"siteUrl": self._site, "url": given.url}})
        return Answer(Submitted(url=given.url), f"{given.url} was submitted.", self._standing.origin())

    async def _get(self, method: str) -> Any:  # noqa: ANN401  # a list or an object, by method
        return await self._call("GET", method, {"params": {"siteUrl": self._site}})

    async def _call(self, verb: Any, method: str, options: Options) -> Any:  # noqa: ANN401  # as above
        self._standing.require()
        params = {**options.get("params", {}), "apikey": self._key.get_secret_value()}
        given: Options = {**options, "params": params, "check": _checked}
        try:
            found = (await self._http.request(verb, f"{PATH}/{method}", **given)).json()
        except UpstreamRejected as error:
            raise self._told(error) from error
        self._standing.succeeded()
        return found["d"]

    def _told(self, error: UpstreamRejected) -> Exception:
        if isinstance(error, UpstreamThrottled):
            return error
        code, message = _said(error)
        if code in TOO_MUCH:
            return UpstreamThrottled(error.upstream, "asks to slow down", upstream_status=429, retry_after_s=60.0)
        self._standing.refused(error)
        if code in NO_KEY or error.upstream_status in {UNAUTHORIZED, FORBIDDEN}:
            told = f"Bing refuses access: {message} See TILLHAND_BING_API_KEY and TILLHAND_BING_SITE."
            self._standing.shut_out(told)
            return ConnectorUnavailable(told)
        return ToolRefused(f"Bing refuses: {message}", extensions={"reason": "refused-upstream"})

    def _rows(self, found: Sequence[Mapping[str, Any]], given: Wanted) -> Answer:
        sought, start = given.search.casefold(), int(given.cursor or 0)
        matching = [each for each in found if sought in str(each["Query"]).casefold()]
        matching.sort(key=lambda each: (moment(each["Date"]), each["Clicks"]), reverse=True)
        shown = [_row(each) for each in matching[start : start + given.limit]]  # a large site has very many
        reached = start + len(shown)
        cursor = str(reached) if shown and reached < len(matching) else None
        told = "\n".join(
            f"{each.week:%Y-%m-%d} {each.key}: {each.clicks} clicks, {each.impressions} impressions"
            for each in shown[:TOLD_ROWS]
        )
        answer = Rows(rows=shown, matching=len(matching), next_cursor=cursor)
        return Answer(answer, told or "There are no rows.", self._standing.origin(truncated=cursor is not None))


def _row(each: Mapping[str, Any]) -> Row:
    return Row(
        key=each["Query"],
        week=moment(each["Date"]),
        clicks=each["Clicks"],
        impressions=each["Impressions"],
        click_position=_position(each["AvgClickPosition"]),
        impression_position=_position(each["AvgImpressionPosition"]),
    )


def moment(text: str) -> datetime:
    """A moment as Bing writes it: `/Date(1399100400000)/`, in milliseconds. Raises `ValueError`."""
    match = _DATE.fullmatch(text)
    if match is None:
        raise ValueError("no moment as Bing writes it")
    return datetime.fromtimestamp(int(match[1]) / 1000, UTC)


def _position(value: float) -> float | None:
    """Bing gives -1 where there is none."""
    return value if value > 0 else None


def _checked(answer: UpstreamResponse) -> None:
    """Every answer is an object with one member. Raises `UpstreamProtocolError`."""
    found = answer.json()
    if not isinstance(found, dict) or "d" not in found:
        raise UpstreamProtocolError(answer.upstream, "answered in another shape than was agreed")


def _said(error: UpstreamRejected) -> tuple[int, str]:
    try:
        told = json.loads(error.body)
        return int(told["ErrorCode"]), str(told.get("Message", ""))[:LONGEST_TOLD]
    except (ValueError, KeyError, TypeError):
        return 0, f"status {error.upstream_status}."
