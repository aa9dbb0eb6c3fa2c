"""The columns of all tables about search, by name: what has one name means one thing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from tillhand_analytics.domain.records import Bools, Floats
from tillhand_analytics.domain.tables import Column, Kind, Table

Values: TypeAlias = Sequence[str | None] | NDArray[Any]
ABOUT: Final[Mapping[str, tuple[Kind, str]]] = {
    "engine": ("text", "`google` or `bing`."),
    "country": ("text", "Country of the searchers, as the source writes it."),
    "device": ("text", "`desktop`, `mobile` or `tablet`."),
    "page": ("text", "Full address of the page."),
    "path": ("text", "The page's path, as visits tell it."),
    "query": ("text", "What was searched for; missing where the row is about a whole page."),
    "brand": ("boolean", "Whether the queries ask for the shop itself."),
    "day": ("day", "The day, in the shop's time zone."),
    "kind": ("text", "What is the matter."),
    "clicks": ("integer", "Clicks of the window."),
    "clicks_before": ("integer", "Clicks of the window before."),
    "clicks_change": ("integer", "Clicks less those of the window before."),
    "impressions": ("integer", "Times that the result was shown in the window."),
    "impressions_before": ("integer", "Times that the result was shown in the window before."),
    "ctr": ("number", "Clicks for each impression, from 0 to 1."),
    "ctr_before": ("number", "Clicks for each impression of the window before, from 0 to 1."),
    "position": ("number", "Mean place among the results, weighted by impressions, from 1."),
    "position_before": ("number", "Mean place among the results in the window before, weighted by impressions."),
    "expected_clicks": ("number", "Clicks of the window by the site's own curve at the places where it stood."),
    "expected_ctr": ("number", "Clicks for each impression by the site's own curve at its places."),
    "clicks_month": ("number", "Clicks to be won a month of 30.4 days."),
    "clicks_month_low": ("number", "Lower bound of the clicks to be won, with 90 % confidence."),
    "clicks_month_high": ("number", "Upper bound of the clicks to be won, with 90 % confidence."),
    "money_month_minor": (
        "integer",
        "What these clicks are worth a month, in minor units, by what visits from search bring.",
    ),
    "basis": ("text", "What the clicks to be won are counted against."),
    "confidence": ("number", "1 less the smallest share of false discoveries at which it would still count."),
    "q_value": ("number", "The smallest share of false discoveries at which it would still count, from 0 to 1."),
    "p_value": ("number", "The chance of so large a change where nothing changed, from 0 to 1."),
    "since": ("day", "The day from which it has been so."),
    "first_day": ("day", "First day of the window that the finding rests on."),
    "last_day": ("day", "Last day of the window that the finding rests on."),
    "evidence": ("text", "The figures behind it, as a JSON object of numbers by name."),
    "action": ("text", "What to do, in a sentence made of the evidence."),
    "core": ("boolean", "Whether it is at positions 8 to 15, where most is won for least."),
    "target_clicks_month": ("number", "Clicks a month at the target position."),
    "decaying": ("boolean", "Whether it sinks, and not by chance."),
    "fitted_position_before": (
        "number",
        "Position before it sank; of what does not sink, of the first day, by the trend.",
    ),
    "fitted_position_now": ("number", "Position on the last day, by the fit."),
    "positions_lost": ("number", "Places lost, below 0 where some were won."),
    "positions_lost_low": ("number", "Lower bound of the places lost, with 90 % confidence."),
    "positions_lost_high": ("number", "Upper bound of the places lost, with 90 % confidence."),
    "began": ("day", "The day from which it sank."),
    "began_low": ("day", "The first day that fits about as well."),
    "began_high": ("day", "The last day that fits about as well."),
    "days_seen": ("integer", "Days with impressions in the 90 days of the trend."),
    "trend_impressions": ("integer", "Impressions in the 90 days of the trend."),
    "cannibalised": ("boolean", "Whether the two pages take turns, and not by chance."),
    "page_keep": ("text", "Address of the page to keep: it brings more money, or else more clicks."),
    "page_other": ("text", "Address of the page in its way."),
    "clicks_keep": ("integer", "Clicks of the page to keep in 90 days."),
    "clicks_other": ("integer", "Clicks of the other page in 90 days."),
    "impressions_keep": ("integer", "Impressions of the page to keep in 90 days."),
    "impressions_other": ("integer", "Impressions of the other page in 90 days."),
    "position_keep": ("number", "Mean position of the page to keep."),
    "position_other": ("number", "Mean position of the other page."),
    "days_ahead_keep": ("integer", "Days on which the page to keep stood first of the two."),
    "days_ahead_other": ("integer", "Days on which the other page did."),
    "turns": ("integer", "How often the lead changed from one day to the next."),
    "pages": ("integer", "Pages of the site with a tenth of the query's impressions or more."),
    "concentration": ("number", "Sum of the squared shares of all pages (Herfindahl), 1 where there is one."),
    "association": ("number", "Correlation of the two pages day by day: below 0 where one falls as the other rises."),
    "change": ("text", "`new` or `lost` where chance is ruled out, `appeared` or `vanished` where not, else `kept`."),
    "first_seen": ("day", "First day with impressions, of all days that are known."),
    "last_seen": ("day", "Last day with impressions."),
    "main_page": ("text", "The page shown most for it in both windows."),
    "by_demand": ("number", "Part of the change of clicks that came with impressions."),
    "by_position": ("number", "Part of the change of clicks that came with the position, by the curve."),
    "by_click_rate": (
        "number",
        "Part of the change of clicks that came with how often the result is clicked at its place.",
    ),
    "cause": (
        "text",
        "The part that pulled most in the direction of the change: `demand`, `position` or `click_rate`.",
    ),
    "significant": ("boolean", "Whether chance is ruled out, at 5 % false discoveries."),
    "queries": ("integer", "Queries with impressions in the window."),
    "findings": ("integer", "Findings about the page."),
    "missing_clicks_month": ("number", "Clicks a month within reach by the findings, of each query the largest."),
    "score": ("number", "100 times the share of the clicks within reach that the page gets."),
    "click_share": ("number", "Share of the engine's clicks in the window, from 0 to 1."),
    "google_impressions": ("integer", "Impressions on Google in the window."),
    "bing_impressions": ("integer", "Impressions on Bing in the window."),
    "google_clicks": ("integer", "Clicks from Google in the window."),
    "bing_clicks": ("integer", "Clicks from Bing in the window."),
    "google_position": ("number", "Mean position on Google."),
    "bing_position": ("number", "Mean position on Bing."),
    "gap": ("number", "Google's position less Bing's: above 0 where Bing ranks the page better."),
    "bing_share": ("number", "Bing's share of the clicks of both, from 0 to 1."),
    "ahead": ("text", "The engine that ranks it among its first ten while the other does not, or far behind."),
    "sessions": ("integer", "Visits from unpaid search that began on the page."),
    "engaged": ("integer", "Of them, those that GA4 calls engaged."),
    "engagement_rate": ("number", "Share of these visits that were engaged, from 0 to 1."),
    "purchases": ("integer", "Purchases in these visits."),
    "conversion_rate": ("number", "Purchases for each of these visits."),
    "revenue_minor": ("integer", "Money from these visits, in minor units."),
    "revenue_per_click_minor": ("number", "That money for each click from search, in minor units."),
    "money_per_click_minor": (
        "number",
        "Money for each of these visits, in minor units, drawn to the shop's mean by as many as five purchases take.",
    ),
    "curve_clicks": ("integer", "Clicks that the group's curve rests on."),
    "curve_impressions": ("integer", "Impressions that the group's curve rests on."),
}
"""Kind and description by name; the unit is in the name or in the description."""


@dataclass(frozen=True, slots=True)
class Partly:
    """Values, and which of them are known."""

    values: NDArray[Any]
    known: Bools


def table(name: str, **columns: Values | Partly) -> Table:
    """A table of columns that are described here."""
    return Table(name, tuple(_column(key, values) for key, values in columns.items()))


def _column(name: str, values: Values | Partly) -> Column:
    kind, description = ABOUT[name]
    if isinstance(values, Partly):
        return Column(name, kind, description, values.values, values.known)
    return Column(name, kind, description, values)


def whole(values: Floats) -> Partly:
    """Numbers rounded to whole ones; NaN is not known."""
    known = np.isfinite(values)
    return Partly(np.rint(np.where(known, values, 0.0)).astype(np.int64), known)
