"""What search data says, asked by whoever may read it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal, TypeAlias, TypeVar

import numpy as np

from tillhand_analytics.domain.charts import Chart
from tillhand_analytics.domain.provenance import Method, Parameter, Source
from tillhand_analytics.domain.records import ENGINES, Shop
from tillhand_analytics.domain.seo import tables_found, tables_sites
from tillhand_analytics.domain.seo.charting import Wanted, fitting, positions
from tillhand_analytics.domain.seo.findings import Finding
from tillhand_analytics.domain.seo.judging import findings
from tillhand_analytics.domain.seo.pairs import Pairs
from tillhand_analytics.domain.seo.striking import StrikingRule
from tillhand_analytics.domain.seo.study import Study, shop_pairs, study
from tillhand_analytics.domain.seo.summary import Summary, summary
from tillhand_analytics.domain.seo.tables_found import Level
from tillhand_analytics.domain.seo.windows import ending
from tillhand_analytics.domain.tables import Table, taken, where
from tillhand_analytics.errors import BadFigure
from tillhand_analytics.ports.sources import Loaded
from tillhand_analytics.service.figures import Figure, Figures, Question
from tillhand_analytics.service.reading import Reading

T = TypeVar("T")
Filters: TypeAlias = Mapping[str, str | bool | None]
_USES: Final[tuple[Source, ...]] = ("search_console", "bing", "ga4")
_SEARCH: Final[tuple[Source, ...]] = ("search_console", "bing")


@dataclass(frozen=True, slots=True)
class Scope:
    """Which days are looked at: `days` up to `last_day`, by default the last whole one of Search Console."""

    days: int = 28
    last_day: date | None = None


Plain = Literal["ctr_gaps", "queries", "movers", "brand", "engines", "landing_pages", "curve"]
_PLAIN: Final[Mapping[Plain, tuple[str, Callable[[Shop, Study], Table]]]] = {
    "ctr_gaps": (
        "own click curve, Poisson-lognormal test, Benjamini-Hochberg",
        lambda _, found: tables_found.gaps_table(found),
    ),
    "queries": (
        "binomial test of days with impressions, Benjamini-Hochberg",
        lambda _, found: tables_sites.queries_table(found),
    ),
    "movers": (
        "binomial test of clicks, logarithmic mean division",
        lambda _, found: tables_sites.movers_table(found),
    ),
    "brand": ("sums of rows, binomial test of clicks", lambda _, found: tables_sites.brand_table(found)),
    "engines": (
        "sums of rows; own click curve at the other engine's position",
        lambda _, found: tables_sites.engines_table(found),
    ),
    "landing_pages": (
        "joined by path; money for a visit with a gamma prior",
        lambda shop, found: tables_sites.landings_table(found, shop.visits),
    ),
    "curve": (
        "penalised Poisson curve, Cauchy weights by page, gamma priors by group, isotonic",
        lambda _, found: tables_sites.curve_table(found),
    ),
}
"""Tables that take no more than the days: how, and by what."""


class Search:
    """Figures about search. `brand_terms` are what the shop is called beside its name and its domain.

    All raise `BadFigure` where the last day is none that can be judged. Filters keep the rows whose columns equal what
    is given; None is not asked for.
    """

    def __init__(self, figures: Figures, reading: Reading, brand_terms: tuple[str, ...] = ()) -> None:
        self._figures = figures
        self._reading = reading
        self._terms = brand_terms

    async def summary(self, scope: Scope, *, again: bool = False) -> Figure[Summary]:
        """How search does, in one glance."""
        asked = await self._asked(scope)
        return await self._figures.of(asked.told("seo.summary", "sums of rows; findings", summary), again=again)

    async def findings(self, scope: Scope, filters: Filters, *, again: bool = False) -> Figure[Table]:
        """All findings."""
        asked = await self._asked(scope)
        question = asked.told("seo.findings", "all detectors", lambda _, told: tables_found.findings_table(told))
        return await self._figures.of(_filtered(question, filters), again=again)

    async def pages(self, scope: Scope, filters: Filters, *, again: bool = False) -> Figure[Table]:
        """How pages do."""
        asked = await self._asked(scope)
        question = asked.told("seo.pages", "sums of rows; score by clicks within reach", tables_sites.pages_table)
        return await self._figures.of(_filtered(question, filters), again=again)

    async def plain(self, name: Plain, scope: Scope, filters: Filters, *, again: bool = False) -> Figure[Table]:
        """One of the tables that take no more than the days."""
        asked = await self._asked(scope)
        method, compute = _PLAIN[name]
        question = asked.found(f"seo.{name}", method, compute)
        return await self._figures.of(_filtered(question, filters), again=again)

    async def decay(
        self, scope: Scope, filters: Filters, *, level: Level, judged: bool, again: bool = False
    ) -> Figure[Table]:
        """Pairs or pages that sink; with `judged`, all that could be judged."""
        asked = await self._asked(scope)
        question = asked.found(
            "seo.decay",
            "Huber trend of log position, autoregressive errors, Benjamini-Hochberg",
            lambda _, found: tables_found.decay_table(found, level, judged=judged),
            {"level": level, "judged": judged},
        )
        return await self._figures.of(_filtered(question, filters), again=again)

    async def striking(
        self, scope: Scope, filters: Filters, rule: StrikingRule, *, again: bool = False
    ) -> Figure[Table]:
        """Results in striking distance."""
        asked = await self._asked(scope)
        question = asked.found(
            "seo.striking_distance",
            "own click curve at a target position, gamma prior",
            lambda _, found: tables_found.striking_table(found, rule),
            {
                "best_position": rule.best_position,
                "worst_position": rule.worst_position,
                "min_impressions_month": rule.min_impressions_month,
                "target_position": rule.target_position,
            },
        )
        return await self._figures.of(_filtered(question, filters), again=again)

    async def cannibalisation(
        self, scope: Scope, filters: Filters, *, judged: bool, again: bool = False
    ) -> Figure[Table]:
        """Queries for which pages take turns; with `judged`, all that two pages share."""
        asked = await self._asked(scope)
        question = asked.found(
            "seo.cannibalisation",
            "turns of the lead, opposed positions or impressions, Benjamini-Hochberg",
            lambda _, found: tables_found.rivals_table(found, judged=judged),
            {"judged": judged},
        )
        return await self._figures.of(_filtered(question, filters), again=again)

    async def trend(self, scope: Scope, wanted: Wanted, *, again: bool = False) -> Figure[Table]:
        """Clicks, impressions and position day by day; no rows where nothing fits."""
        asked = await self._asked(scope)
        question = asked.days_of("seo.trend", wanted, lambda pairs: _trend(pairs, scope, wanted))
        return await self._figures.of(question, again=again)

    async def positions(self, scope: Scope, wanted: Wanted, *, again: bool = False) -> Figure[Callable[..., Chart]]:
        """A chart of positions, whose look is still open."""
        asked = await self._asked(scope)
        question = asked.days_of(
            "seo.positions", wanted, lambda pairs: positions(pairs, ending(pairs.through, scope.days), wanted)
        )
        return await self._figures.of(question, again=again)

    async def _asked(self, scope: Scope) -> _Asked:
        return _Asked(scope.days, _through(await self._reading.current(), scope), self._terms)


@dataclass(frozen=True, slots=True)
class _Asked:
    """The questions that all others rest on, for some days."""

    days: int
    through: date
    terms: tuple[str, ...]

    @property
    def parameters(self) -> dict[str, Parameter]:
        return {"days": self.days, "last_day": self.through.isoformat(), "brand_terms": ", ".join(self.terms)}

    @property
    def pairs(self) -> Question[Pairs]:
        def compute(shop: Shop) -> Pairs:
            return shop_pairs(shop, terms=self.terms, complete_through=np.datetime64(self.through))

        parameters = {name: value for name, value in self.parameters.items() if name != "days"}
        return Question("seo.pairs", _SEARCH, Method("pairs of pages and queries"), compute, parameters)

    def found(
        self,
        name: str,
        method: str,
        compute: Callable[[Shop, Study], T],
        more: Mapping[str, Parameter] | None = None,
    ) -> Question[T]:
        """What follows from all that the detectors found."""

        def detect(shop: Shop, pairs: Pairs) -> Study:
            return study(shop, pairs, days=self.days)

        found = Question("seo.study", _USES, Method("all detectors"), detect, self.parameters, (self.pairs,))
        return Question(name, _USES, Method(method), compute, {**self.parameters, **(more or {})}, (found,))

    def told(self, name: str, method: str, compute: Callable[[Study, tuple[Finding, ...]], T]) -> Question[T]:
        """What follows from the findings too."""
        both = self.found("seo.told", "findings", lambda _, found: (found, findings(found)))
        return Question(name, _USES, Method(method), lambda _, pair: compute(*pair), self.parameters, (both,))

    def days_of(self, name: str, wanted: Wanted, compute: Callable[[Pairs], T]) -> Question[T]:
        """What follows from the rows of a page or a query."""
        rows = {"engine": wanted.engine, "page": wanted.page, "query": wanted.query}
        parameters = {**self.parameters, **rows}
        return Question(name, _SEARCH, Method("sums of rows"), lambda _, held: compute(held), parameters, (self.pairs,))


def _filtered(question: Question[Table], filters: Filters) -> Question[Table]:
    """The rows that are wanted; what is asked for is told with the answer."""
    wanted = {name: value for name, value in filters.items() if value is not None}
    if not wanted:
        return question
    return Question(
        name=f"{question.name}.rows",
        uses=question.uses,
        method=question.method,
        compute=lambda _, table: where(table, **wanted),
        parameters={**question.parameters, **wanted},
        needs=(question,),
    )


def _through(loaded: Loaded, scope: Scope) -> date:
    """The last day to be judged. Raises `BadFigure`."""
    whole = {stamp.source: stamp.complete_through for stamp in loaded.stamps if stamp.source in _SEARCH}
    last: date = loaded.shop.last_day.astype("datetime64[D]").item()
    ends = [day for day in (whole.get("search_console"), whole.get("bing")) if day is not None]
    through = min(last, ends[0]) if ends else last
    first: date = loaded.shop.first_day.astype("datetime64[D]").item()
    if scope.last_day is None:
        return through
    if not first <= scope.last_day <= through:
        raise BadFigure(f"Search data are whole from {first} to {through}.", field="query.last_day")
    return scope.last_day


def _trend(pairs: Pairs, scope: Scope, wanted: Wanted) -> Table:
    fits = fitting(pairs, wanted) & (pairs.engine == ENGINES.index(wanted.engine))
    table = tables_sites.trend_table(pairs, ending(pairs.through, scope.days), np.flatnonzero(fits))
    return table if fits.any() else taken(table, slice(0))
