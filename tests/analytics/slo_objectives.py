"""Objectives that the tests of their arithmetic share."""

from __future__ import annotations

from tillhand_common.slos import Availability, Freshness, Latency, Objective, ServiceObjectives

AVAILABILITY = Objective(
    id="availability", description="Served.....", indicator=Availability(kind="availability"), target=0.999
)
LATENCY = Objective(
    id="latency",
    description="Fast.......",
    route="GET /v1/sales",
    indicator=Latency(kind="latency", threshold_ms=100.0),
    target=0.95,
)
FRESHNESS = Objective(
    id="freshness",
    description="Fresh......",
    indicator=Freshness(kind="freshness", source="shopify", max_age_hours=36.0),
    target=0.95,
)
SLOS = ServiceObjectives(version=1, service="analytics", window_days=28, objectives=(AVAILABILITY, LATENCY, FRESHNESS))
