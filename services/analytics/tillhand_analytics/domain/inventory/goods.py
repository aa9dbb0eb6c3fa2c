"""What is known of each SKU from its sales and its stock alone: speed, cover, classes, worth."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tillhand_analytics.domain.inventory.classes import Evenness, Pareto, Shape, abc_of, shape_of, xyz_of
from tillhand_analytics.domain.inventory.lost import Lost, lost_of
from tillhand_analytics.domain.inventory.panel import Panel, panel_of
from tillhand_analytics.domain.inventory.velocity import Cover, Velocity, cover_of, deciles_of, velocity_of
from tillhand_analytics.domain.inventory.worth import DEAD_AFTER_DAYS, OVERSTOCK_DAYS, Idle, Worth, idle_of, worth_of
from tillhand_analytics.domain.records import Floats, Ints, Shop


@dataclass(frozen=True, slots=True)
class Limits:
    """From when on stock counts as dead, and as too much."""

    dead_after_days: int = DEAD_AFTER_DAYS
    overstock_days: int = OVERSTOCK_DAYS


@dataclass(frozen=True, slots=True)
class Goods:
    """Figures of every SKU, in the order of the shop's variants; `per_day` is the velocity to plan with."""

    shop: Shop
    panel: Panel
    velocity: Velocity
    per_day: Floats
    cover: Cover
    deciles: Ints
    abc: Pareto
    xyz: Evenness
    shape: Shape
    worth: Worth
    idle: Idle
    lost: Lost


def goods_of(shop: Shop, limits: Limits) -> Goods:
    """The figures of every SKU of a shop."""
    panel = panel_of(shop)
    velocity = velocity_of(panel)
    per_day = velocity.current
    return Goods(
        shop=shop,
        panel=panel,
        velocity=velocity,
        per_day=per_day,
        cover=cover_of(panel.sellable, per_day),
        deciles=deciles_of(np.nan_to_num(velocity.over(velocity.windows[-1]))),
        abc=abc_of(panel.revenue_minor),
        xyz=xyz_of(panel),
        shape=shape_of(panel),
        worth=worth_of(panel),
        idle=idle_of(panel, per_day, after_days=limits.dead_after_days, overstock_days=limits.overstock_days),
        lost=lost_of(panel),
    )
