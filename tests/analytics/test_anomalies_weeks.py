"""Weeks that stand on one day are no days."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from tillhand_analytics.domain.anomalies.facts import facts_of
from tillhand_analytics.domain.records import Shop


def test_searches_that_are_told_by_the_week_belong_to_no_day(shop: Shop) -> None:
    searches = shop.searches
    bing = searches.engine == 1
    weekly = replace(
        searches,
        devices=(*searches.devices, ""),
        device=np.where(bing, len(searches.devices), searches.device),
        clicks=np.where(bing, searches.clicks + 1_000, searches.clicks),
    )
    found = facts_of(replace(shop, searches=weekly))["clicks"]
    assert found.by_day().sum() == searches.clicks[~bing].sum()
