"""Customers as tables: what each may bring, how all were tracked, segments, cohorts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from tillhand_analytics.domain.customers.cohorts import Cohorts
from tillhand_analytics.domain.customers.holdout import cumulative
from tillhand_analytics.domain.customers.outlook import Outlook, Prospects
from tillhand_analytics.domain.customers.rfm import SEGMENTS, Rfm, totals
from tillhand_analytics.domain.records import Days, Floats, Ints
from tillhand_analytics.domain.tables import Column, Table

_DAY: Final = np.timedelta64(1, "D")
_WEEK_DAYS: Final = 7


def clv_table(found: Prospects, ids: Sequence[str]) -> Table:
    """A row per customer, by `ids` of their numbers; who may bring most comes first."""
    known, outlook = found.outlook.known, found.outlook
    order = np.argsort(-np.nan_to_num(found.preferred.value_minor), kind="stable")
    ages, recencies = (days[order].astype(np.int64) for days in (known.age, known.recency))
    first = outlook.last_day - ages.astype("timedelta64[D]")
    customers = known.customer[order].tolist()
    return Table(
        "clv",
        (
            Column("customer_id", "text", "The customer's id in the shop.", [ids[each] for each in customers]),
            Column("first_purchase_on", "day", "Day of the first purchase that is known.", first),
            Column("last_purchase_on", "day", "Day of the last one.", first + recencies.astype("timedelta64[D]")),
            Column("purchases", "integer", "Days with a purchase.", known.frequency[order] + 1),
            Column("alive_probability", "number", "Chance that the customer has not left.", found.alive[order]),
            Column("expected_purchases", "number", "Within the horizon, by the model.", found.model.purchases[order]),
            Column("naive_purchases", "number", "By the customer's own rate.", found.naive.purchases[order]),
            _money("mean_value_minor", "Expected value of one purchase.", found.model.mean_value_minor[order]),
            _money("model_value_minor", "Lifetime value by the model.", found.model.value_minor[order]),
            _money("naive_value_minor", "The same by the customer's own rate.", found.naive.value_minor[order]),
            _money("value_minor", "That of the two to go by.", found.preferred.value_minor[order]),
            Column("may_be_older", "boolean", "May have bought before the data begin.", first < outlook.known_from),
        ),
    )


def tracking_table(found: Outlook) -> Table:
    """Repeat purchases by all customers, week by week up to the last day: expected, and as they came.

    Expected is what the holdout's model had foretold, with nothing but what was known by its split day. Without one
    there is no row.
    """
    held = found.held
    if held is None or not len(held.known):
        return _tracking(np.zeros(0, "datetime64[D]"), np.zeros(0), np.zeros(0, np.int64), np.zeros(0, np.bool_))
    oldest = held.split_day - np.timedelta64(int(held.known.age.max()), "D")
    days = int((found.last_day - oldest) / _DAY)
    ends = np.append(np.arange(_WEEK_DAYS, days, _WEEK_DAYS), days)
    repeats = found.bought.day[~found.bought.begins & np.isin(found.bought.customer, held.known.customer)]
    came = np.searchsorted(np.sort(repeats), oldest + ends.astype("timedelta64[D]"), side="right")
    last = oldest + ends.astype("timedelta64[D]")
    return _tracking(
        last, cumulative(held.population, held.known, ends.astype(np.float64)), came, last > held.split_day
    )


def _tracking(last: Days, expected: Floats, came: Ints, foretold: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> Table:
    return Table(
        "clv-tracking",
        (
            Column("last_day", "day", "End of the week.", last),
            Column("expected", "number", "Repeat purchases so far that the model expects.", expected),
            Column("came", "integer", "Repeat purchases so far.", came),
            Column("foretold", "boolean", "The model had not seen these days.", foretold),
        ),
    )


def segments_table(scored: Rfm) -> Table:
    """A row per segment, in the order of SEGMENTS."""
    sums = totals(scored)
    customers, value = max(int(sums.customers.sum()), 1), float(sums.value_minor.sum())
    share = np.divide(sums.value_minor, value, out=np.full(len(SEGMENTS), np.nan), where=value > 0)
    each = np.divide(sums.value_minor, sums.customers, out=np.full(len(SEGMENTS), np.nan), where=sums.customers > 0)
    return Table(
        "rfm",
        (
            Column("segment", "text", "Its name.", [each.name for each in SEGMENTS]),
            Column("definition", "text", "Who is in it.", [each.definition for each in SEGMENTS]),
            Column("recency_scores", "text", "Its recency scores.", [_range(each.recency) for each in SEGMENTS]),
            Column("frequency_scores", "text", "Its frequency scores.", [_range(each.frequency) for each in SEGMENTS]),
            Column("customers", "integer", "Customers in it.", sums.customers),
            Column("customer_share", "number", "Their share of all customers.", sums.customers / customers),
            _money("revenue_minor", "What they have paid, less what was given back.", sums.value_minor),
            Column("revenue_share", "number", "That as a share of all.", share),
            _money("revenue_per_customer_minor", "That by customer.", each),
            Column("purchases", "integer", "Their days with a purchase.", sums.purchases),
            Column("mean_days_since", "number", "Mean days since the last purchase.", sums.mean_days_since),
            Column("action", "text", "What is often done for them.", [each.action for each in SEGMENTS]),
        ),
    )


def _range(ends: tuple[int, int]) -> str:
    return str(ends[0]) if ends[0] == ends[1] else f"{ends[0]} to {ends[1]}"


def scores_table(scored: Rfm, ids: Sequence[str], segment: str | None = None) -> Table:
    """A row per customer, those of one segment if it is given; who has paid most comes first."""
    names: list[str] = [each.name for each in SEGMENTS]
    order = np.argsort(-scored.value_minor, kind="stable")
    if segment is not None:
        order = order[scored.segment[order] == names.index(segment)]
    return Table(
        "rfm-customers",
        (
            Column("customer_id", "text", "Id in the shop.", [ids[each] for each in scored.customer[order].tolist()]),
            Column("segment", "text", "The segment.", [names[each] for each in scored.segment[order].tolist()]),
            Column("recency_score", "integer", "1 to 5: how lately.", scored.recency_score[order]),
            Column("frequency_score", "integer", "1 to 5: how often.", scored.frequency_score[order]),
            Column("money_score", "integer", "1 to 5: for how much.", scored.money_score[order]),
            Column("last_purchase_on", "day", "Day of the last purchase.", scored.last_day[order]),
            Column("days_since", "integer", "Days since then.", scored.days_since[order]),
            Column("purchases", "integer", "Days with a purchase.", scored.purchases[order]),
            _money("revenue_minor", "What was paid, less what was given back.", scored.value_minor[order]),
        ),
    )


def cohorts_table(found: Cohorts) -> Table:
    """A row per cohort and period of its life that has begun, by cohort and then by period."""
    cohort, life = np.nonzero(~np.isnan(found.active))
    return Table(
        "cohorts",
        (
            Column(
                "cohort", "day", "First day of the month or week in which its customers came.", found.begins[cohort]
            ),
            Column("period", "integer", "Months or weeks since then.", life),
            Column("period_begins", "day", "First day of that month or week.", found.begins[cohort + life]),
            Column("customers", "integer", "Customers of the cohort.", found.size[cohort]),
            Column("active", "integer", "Those who bought in the period.", found.active[cohort, life]),
            Column("retention", "number", "Their share of the cohort.", found.retention[cohort, life]),
            _money("revenue_minor", "What they paid in it.", found.revenue_minor[cohort, life]),
            _money("revenue_per_customer_minor", "That by customer.", found.revenue_per_customer_minor[cohort, life]),
            _money(
                "cumulative_per_customer_minor",
                "The same of all periods so far.",
                found.cumulative_per_customer_minor[cohort, life],
            ),
            Column("partial", "boolean", "The data do not hold the whole period.", found.partial[cohort, life]),
            Column("may_hold_older", "boolean", "May hold customers from before the data begin.", found.older[cohort]),
        ),
    )


def _money(name: str, description: str, values: Floats) -> Column:
    """Whole minor units, missing where there is no number."""
    known = np.isfinite(values)
    return Column(name, "integer", description, np.rint(np.where(known, values, 0)).astype(np.int64), known)
