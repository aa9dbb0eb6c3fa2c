"""Everything that is known of each SKU's stock at one service level, calculated together."""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace
from typing import Final

from tillhand_analytics.domain.inventory.goods import Goods
from tillhand_analytics.domain.inventory.leads import lead_times_of
from tillhand_analytics.domain.inventory.on_order import OnOrder, Placed, on_order
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
from tillhand_analytics.domain.records import Floats

BACKTEST_EVERY_WEEKS: Final = 2


@dataclass(frozen=True, slots=True)
class Grounds:
    """What all reorder points stand on, whatever is asked for: the goods, and features and outcomes of their past."""

    goods: Goods
    basis: Basis


@dataclass(frozen=True, slots=True)
class Wish:
    """What is asked for: how sure stock should be, by which method, and how orders are made."""

    service_level: float = 0.95
    method: ReorderMethod = "conformal"
    at_risk: float = AT_RISK
    rules: Rules = field(default_factory=Rules)


@dataclass(frozen=True, slots=True)
class Overview(Goods):
    """All figures of every SKU."""

    wish: Wish
    basis: Basis
    points: Points
    textbook: Floats
    backtest: Backtest
    service: Service
    risk: Risk
    orders: Orders
    ordered: OnOrder


def grounds_of(goods: Goods, assumed_lead_days: int) -> Grounds:
    """Lead times, and what forecasts of the past missed."""
    leads = lead_times_of(goods.panel, goods.shop.deliveries, assumed_lead_days)
    return Grounds(goods, basis_of(goods.panel, leads))


def overview_of(grounds: Grounds, wish: Wish, placed: Placed = Placed()) -> Overview:  # noqa: B008  # frozen
    """All figures of all SKUs. What was `placed` through the approvals counts as incoming."""
    goods, basis = grounds.goods, grounds.basis
    ordered = on_order(goods.panel, goods.shop.deliveries, basis.leads.mean, placed)
    panel = replace(goods.panel, incoming=goods.panel.incoming + ordered.sent)
    points = points_of(basis, wish.service_level, wish.method)
    backtest = backtest_of(basis, wish.service_level, every=BACKTEST_EVERY_WEEKS)
    return Overview(
        **{each.name: getattr(goods, each.name) for each in fields(Goods) if each.name != "panel"},
        panel=panel,
        wish=wish,
        basis=basis,
        points=points,
        textbook=textbook_points(basis, wish.service_level)[:, 0],
        backtest=backtest,
        service=service_of(basis, backtest, wish.method),
        risk=risk_of(panel, basis, points, goods.shop.deliveries, wish.at_risk),
        orders=orders_of(panel, points, goods.per_day, wish.rules, ordered.waiting),
        ordered=ordered,
    )
