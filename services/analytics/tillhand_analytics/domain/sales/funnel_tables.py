"""The funnel as tables: each stage of each segment, and the drop-offs that cost most."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tillhand_analytics.domain.chance import q_values, two_shares, wilson
from tillhand_analytics.domain.quotients import ratio
from tillhand_analytics.domain.records import Ints, Shop
from tillhand_analytics.domain.sales.funnel import STAGES, Flow, Segment, flowed, losses, segmented
from tillhand_analytics.domain.sales.windows import Window, length
from tillhand_analytics.domain.tables import Column, Table


@dataclass(frozen=True, slots=True)
class Stage:
    """Each row of the table: a segment and a stage, and the counts that its shares are made of."""

    segment: Ints
    stage: Ints

    def at(self, flow: Flow) -> Ints:
        """Visits at the stage itself."""
        found: Ints = flow.counts[self.segment, self.stage]
        return found

    def before(self, flow: Flow) -> Ints:
        """Visits at the stage before; those of the stage itself for the first."""
        found: Ints = flow.counts[self.segment, np.maximum(self.stage - 1, 0)]
        return found

    def start(self, flow: Flow) -> Ints:
        """Visits at the first stage."""
        found: Ints = flow.counts[self.segment, 0]
        return found


def funnel(shop: Shop, asked: Window, by: Segment) -> Table:
    """Every stage of every segment that had visits, the busiest segment first, beside the window before."""
    segments = segmented(shop, by)
    now, then = flowed(shop, segments, asked), flowed(shop, segments, asked.before())
    busy = np.flatnonzero(now.counts.any(axis=1))
    busy = busy[np.argsort(-now.counts[busy, 0], kind="stable")]
    rows = Stage(np.repeat(busy, len(STAGES)), np.tile(np.arange(len(STAGES)), len(busy)))
    at, before, start = rows.at(now), rows.before(now), rows.start(now)
    low, high = wilson(at, before)
    whole = np.full(len(at), asked.before().whole(length(shop)))
    p_value = two_shares(at, before, rows.at(then), rows.before(then))
    earlier = np.where(whole, ratio(rows.at(then), rows.before(then)), np.nan)
    share = ratio(at, before)
    return Table(
        "sales-funnel",
        (
            Column(
                "segment", "text", "Channel, device, country or page; all for everything.", _keys(now, rows.segment)
            ),
            Column("stage", "text", "What visitors had done.", [STAGES[stage] for stage in rows.stage]),
            Column("visits", "integer", "Visits that got there.", at),
            Column("share_of_stage_before", "number", "Share of those at the stage before.", share),
            Column("share_low", "number", "Lower end of its 95 % interval (Wilson).", low),
            Column("share_high", "number", "Upper end of it.", high),
            Column("share_of_sessions", "number", "Share of all visits of the segment.", ratio(at, start)),
            Column("previous_visits", "integer", "Visits that got there in as many days before.", rows.at(then), whole),
            Column("previous_share", "number", "Their share of those at the stage before.", earlier),
            Column("change", "number", "Difference of the two shares.", share - earlier),
            Column(
                "change_p_value", "number", "That chance makes such a difference.", np.where(whole, p_value, np.nan)
            ),
        ),
    )


def _keys(flow: Flow, segment: Ints) -> list[str]:
    return [flow.keys[at] for at in segment]


def drop_offs(shop: Shop, asked: Window, by: Segment, rate: float = 0.05) -> Table:
    """Where a segment loses more visitors than all others do, what costs most first; findings before all others."""
    flow = flowed(shop, segmented(shop, by), asked)
    found = losses(flow)
    worse = np.flatnonzero((found.lost_purchases > 0) & (flow.counts[found.segment, found.stage] > 0))
    rates = q_values(found.p_value)
    is_finding = rates <= rate
    order = worse[np.lexsort((-found.lost_minor[worse], ~is_finding[worse]))]
    worth = np.rint(found.lost_minor[order]).astype(np.int64)
    stage, segment = found.stage[order], found.segment[order]
    return Table(
        "sales-drop-offs",
        (
            Column("segment", "text", "Channel, device, country or page.", _keys(flow, segment)),
            Column("stage", "text", "Where visitors leave.", [STAGES[at] for at in stage]),
            Column("next_stage", "text", "Where they do not get to.", [STAGES[at + 1] for at in stage]),
            Column("visits", "integer", "Visits that got to the stage.", flow.counts[segment, stage]),
            Column("share", "number", "Share of them that went on.", found.share[order]),
            Column("others_share", "number", "Share that goes on in all other segments.", found.rest_share[order]),
            Column(
                "lost_purchases", "number", "Purchases if as many went on as elsewhere.", found.lost_purchases[order]
            ),
            Column("lost_minor", "integer", "What they would be worth at the mean of all purchases.", worth),
            Column("p_value", "number", "That chance makes such a difference.", found.p_value[order]),
            Column("false_discovery_rate", "number", "The rate at which it is a finding.", rates[order]),
            Column("finding", "boolean", "It is one at the rate asked for.", is_finding[order]),
        ),
    )
