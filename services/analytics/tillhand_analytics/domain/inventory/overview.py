"""Everything that is known of each SKU's stock at one service level, calculated together."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from tillhand_analytics.domain.inventory.classes import Evenness, Pareto, Shape, abc_of, shape_of, xyz_of
from tillhand_analytics.domain.inventory.leads import lead_times_of
from tillhand_analytics.domain.inventory.lost import Lost, lost_of
from tillhand_analytics.domain.inventory.panel import Panel, panel_of
from tillhand_analytics.domain.inventory.proposing import Service, service_of
from tillhand_analytics.domain.inventory.quantity import Orders, Rules, orders_of
from tillhand_analytics.domain.inventory.reorder import (
    Backtest,
    Basis,
    Points,
    ReorderMethod,
    backtest_of,
    basis_of,
    points_of,
    textbook_points,
)
from tillhand_analytics.domain.inventory.risk import AT_RISK, Risk, risk_of
from tillhand_analytics.domain.inventory.velocity import Cover, Velocity, cover_of, deciles_of, velocity_of
from tillhand_analytics.domain.inventory.worth import DEAD_AFTER_DAYS, OVERSTOCK_DAYS, Idle, Worth, idle_of, worth_of
from tillhand_analytics.domain.records import Floats, Ints, Shop

BACKTEST_EVERY_WEEKS = 2


@dataclass(frozen=True, slots=True)
class Grounds:
    """What all figures stand on, whatever is asked for: the panel, and the features and outcomes of its past."""

    panel: Panel
    basis: Basis


@dataclass(frozen=True, slots=True)
class Wish:
    """What is asked for: how sure stock should be, by which method, and how orders are made."""

    service_level: float = 0.95
    method: ReorderMethod = "conformal"
    at_risk: float = AT_RISK
    dead_after_days: int = DEAD_AFTER_DAYS
    overstock_days: int = OVERSTOCK_DAYS
    rules: Rules = field(default_factory=Rules)


@dataclass(frozen=True, slots=True)
class Overview:
    """The figures of every SKU, in the order of the shop's variants."""

    shop: Shop
    wish: Wish
    panel: Panel
    basis: Basis
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
    points: Points
    textbook: Floats
    backtest: Backtest
    service: Service
    risk: Risk
    orders: Orders


def grounds_of(shop: Shop, assumed_lead_days: int) -> Grounds:
    """Panel, lead times, and what forecasts of the past missed."""
    panel = panel_of(shop)
    return Grounds(panel, basis_of(panel, lead_times_of(panel, shop.deliveries, assumed_lead_days)))


def overview_of(shop: Shop, grounds: Grounds, wish: Wish) -> Overview:
    """All figures of all SKUs."""
    panel, basis = grounds.panel, grounds.basis
    velocity = velocity_of(panel)
    per_day = velocity.current
    points = points_of(basis, wish.service_level, wish.method)
    backtest = backtest_of(basis, wish.service_level, every=BACKTEST_EVERY_WEEKS)
    return Overview(
        shop=shop,
        wish=wish,
        panel=panel,
        basis=basis,
        velocity=velocity,
        per_day=per_day,
        cover=cover_of(panel.sellable, per_day),
        deciles=deciles_of(np.nan_to_num(velocity.over(velocity.windows[-1]))),
        abc=abc_of(panel.revenue_minor),
        xyz=xyz_of(panel),
        shape=shape_of(panel),
        worth=worth_of(panel),
        idle=idle_of(panel, per_day, after_days=wish.dead_after_days, overstock_days=wish.overstock_days),
        lost=lost_of(panel),
        points=points,
        textbook=textbook_points(basis, wish.service_level)[:, 0],
        backtest=backtest,
        service=service_of(basis, backtest, wish.method),
        risk=risk_of(panel, basis, points, shop.deliveries, wish.at_risk),
        orders=orders_of(panel, points, per_day, wish.rules),
    )
