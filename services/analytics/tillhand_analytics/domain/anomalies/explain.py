"""Asks of each episode where it lies, how it came about, and what is known to have happened then."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from tillhand_analytics.domain.anomalies.causes import Known, ranked
from tillhand_analytics.domain.anomalies.episodes import Episode
from tillhand_analytics.domain.anomalies.factors import CHAINS, TRAFFIC, Factor, taken_apart
from tillhand_analytics.domain.anomalies.facts import ALL, Metric
from tillhand_analytics.domain.anomalies.happenings import season
from tillhand_analytics.domain.anomalies.mix import REFERENCE_DAYS, Mix, mix
from tillhand_analytics.domain.anomalies.search import Happened, Watched
from tillhand_analytics.domain.records import Floats, Ints, Shop


@dataclass(frozen=True, slots=True)
class Explainer:
    """What explanations rest on: the shop, what is known to have happened, and the totals of each metric."""

    shop: Shop
    known: Happened
    totals: Mapping[Metric, Watched]

    def explained(self, episode: Episode, watched: Watched) -> Episode:
        """The episode with its causes, and its factors where it is one of the whole shop."""
        days = np.arange(episode.first, episode.last + 1)
        row = watched.elements.index(episode.element)
        mixes = self._mixes(watched, episode, days, watched.expected(row)[days])
        own = frozenset({episode.element}) if episode.dimension == "category" else frozenset()
        known = self._known(days, own)
        causes = ranked(episode.metric, episode.deviation, mixes, days, known)
        factors = self._factors(episode) if episode.dimension == ALL else ()
        return replace(episode, causes=causes, factors=factors)

    def _mixes(self, watched: Watched, episode: Episode, days: Ints, expected: Floats) -> list[Mix]:
        reference = np.arange(max(episode.first - REFERENCE_DAYS, 0), episode.first)
        facts = watched.facts.of_element(episode.dimension, episode.element)
        return [mix(facts, name, days, expected, reference) for name in facts.splits]

    def _known(self, days: Ints, categories: frozenset[str]) -> Known:
        shop = self.shop
        first_day, last_day = (shop.first_day + days[place] for place in (0, -1))
        outs = shop.stock_outs
        inside = (outs.day >= first_day) & (outs.day <= last_day)
        return Known(
            categories=categories,
            promotions=self.known.promotions,
            mistakes=self.known.mistakes,
            out_of_stock=frozenset(outs.variant[inside].tolist()),
            season=season(first_day.astype("datetime64[D]").item(), last_day.astype("datetime64[D]").item()),
        )

    def _factors(self, episode: Episode) -> tuple[tuple[Factor, ...], ...]:
        """The chains of the episode's metric, of which each adds up to the same deviation."""
        sums = {metric: each.sums(0, episode.first, episode.last) for metric, each in self.totals.items()}
        actual = {metric: pair[0] for metric, pair in sums.items()}
        expected = {metric: pair[1] for metric, pair in sums.items()}
        chains = [CHAINS[episode.metric]] if episode.metric in CHAINS else []
        chains += [TRAFFIC] if episode.metric == "sales_minor" else []
        return tuple(found for chain in chains if (found := taken_apart(chain, actual, expected)))
