"""Orders to check and promotions against what is planted in mock shops on which no parameter of theirs was chosen.

    python -m benchmarks.sales_detectors [--seeds 11,12,13,14,15] [--skus 400] [--days 250]

A promotion is found where its department and both its days are right. Beside the orders to check stands the rule by
which anomalies are explained (`domain/anomalies/happenings.py`).
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from dataclasses import dataclass, field
from math import log
from statistics import mean, median
from typing import Final

import numpy as np

from benchmarks.seo_detectors import Score
from tillhand_analytics.adapters.mockshop import columns, gid
from tillhand_analytics.domain.anomalies import happenings
from tillhand_analytics.domain.records import Shop
from tillhand_analytics.domain.sales.book import booked
from tillhand_analytics.domain.sales.mistakes import suspects
from tillhand_analytics.domain.sales.promotions import Promotion as Sale
from tillhand_analytics.domain.sales.promotions import sold
from tillhand_analytics.domain.sales.uplift import Campaign, campaigns
from tillhand_mockshop.generator import LAST_DAY, build_with_truths
from tillhand_mockshop.known import Promotion, Truths
from tillhand_mockshop.words_goods import KINDS

Found = set[tuple[str, str, str]]
"""Kind, first and last day; or a kind of their own for orders."""
SEEDS: Final = (11, 12, 13, 14, 15)
SKUS: Final = 400
DAYS: Final = 250
_DEPARTMENTS: Final = {kind.name: kind.department for kind in KINDS}


@dataclass(slots=True)
class Tally:
    """Scores over all shops; of each campaign found, whether its interval holds the uplift, and the error of it."""

    scores: dict[str, Score] = field(default_factory=dict)
    held: list[bool] = field(default_factory=list)
    errors: list[float] = field(default_factory=list)

    def add(self, rule: str, found: Found, planted: Found) -> None:
        """What a rule found in one shop."""
        score = Score(len(found), len(found & planted), len(planted))
        self.scores[rule] = self.scores.get(rule, Score()).plus(score)

    def measured(self, campaign: Campaign, truth: Promotion) -> None:
        """A campaign whose uplift is known; one without an interval holds nothing."""
        self.held.append(campaign.low <= truth.uplift <= campaign.high)
        if not np.isnan(campaign.uplift):
            self.errors.append(abs(log(campaign.uplift / truth.uplift)))


def key(shop: Shop, spell: Sale) -> tuple[str, str, str]:
    """The departments and days of a spell."""
    begin = shop.first_day.astype("datetime64[D]")
    departments = "+".join(sorted({_DEPARTMENTS[name] for name in spell.categories}))
    return departments, str(begin + spell.first), str(begin + spell.last)


def look(shop: Shop, truths: Truths, tally: Tally) -> None:
    """Score both detectors, and what explains anomalies by mistaken orders, on one shop."""
    planted = {(each.department, str(each.first_day), str(each.last_day)): each for each in truths.promotions}
    found = {key(shop, each.promotion): each for each in campaigns(sold(shop, booked(shop)))}
    tally.add("promotions", set(found), set(planted))
    for name in found.keys() & planted.keys():
        tally.measured(found[name], planted[name])
    mistaken = orders(gid("Order", order) for order in truths.mistaken_orders)
    tally.add("orders to check", orders(shop.orders.ids[order] for order in suspects(shop).order), mistaken)
    named = orders(shop.orders.ids[each.order] for each in happenings.mistakes(shop))
    tally.add("orders to check, of anomalies", named, mistaken)


def orders(ids: Iterable[str]) -> Found:
    """Orders as things that are found."""
    return {("order", each, "") for each in ids}


def main() -> None:
    """Print what each rule finds."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", default=",".join(map(str, SEEDS)))
    parser.add_argument("--skus", type=int, default=SKUS)
    parser.add_argument("--days", type=int, default=DAYS)
    asked = parser.parse_args()
    tally = Tally()
    for seed in map(int, asked.seeds.split(",")):
        made, truths = build_with_truths(seed=seed, last_day=LAST_DAY, skus=asked.skus, days=asked.days)
        look(columns(made), truths, tally)
    for rule, score in tally.scores.items():
        print(f"{rule:30} {score.hits} of {score.planted} planted, {score.found - score.hits} more")
    print(f"{'intervals that hold':30} {sum(tally.held)} of {len(tally.held)}")
    print(f"{'error of the uplift':30} median {median(tally.errors):.1%}, mean {mean(tally.errors):.1%} (logarithms)")


if __name__ == "__main__":
    main()
