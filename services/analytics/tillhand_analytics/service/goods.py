"""The goods of a shop: what inventory figures and forecasts stand on alike."""

from __future__ import annotations

from dataclasses import fields
from typing import Final

from tillhand_analytics.domain.inventory.goods import Goods, Limits, goods_of
from tillhand_analytics.domain.provenance import Method, Source
from tillhand_analytics.domain.records import Shop
from tillhand_analytics.service.figures import Question

USES: Final[tuple[Source, ...]] = ("shopify",)
GOODS: Final = Method("demand-panel", "1")


def goods_question(limits: Limits = Limits()) -> Question[Goods]:  # noqa: B008  # frozen
    """What is known of each SKU from its sales and its stock."""

    def compute(shop: Shop) -> Goods:
        return goods_of(shop, limits)

    parameters = {each.name: getattr(limits, each.name) for each in fields(limits)}
    return Question("inventory.goods", USES, GOODS, compute, parameters)
