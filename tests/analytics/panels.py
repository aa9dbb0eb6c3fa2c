"""Small panels for tests, of which all is known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tillhand_analytics.domain.inventory.panel import Panel
from tillhand_analytics.domain.inventory.trial import demand_panel
from tillhand_analytics.domain.records import Deliveries, Ints

FIRST_DAY = np.datetime64("2026-01-01")


def panel(units: Sequence[Sequence[float]] | NDArray[Any], **known: object) -> Panel:
    """A panel of these units by SKU and day; what else is known of it by field name."""
    matrix = np.asarray(units, np.float32)
    bare = demand_panel(FIRST_DAY, tuple(f"SKU-{place}" for place in range(len(matrix))), matrix)
    fields = {name: np.asarray(value) if isinstance(value, list) else value for name, value in known.items()}
    return replace(bare, **fields)  # type: ignore[arg-type]  # fields by name


def _day(since: object) -> np.datetime64:
    return FIRST_DAY + np.timedelta64(since, "D") if isinstance(since, int) else np.datetime64("NaT")


def deliveries(*rows: tuple[str, int, int, int, int | None, int, int]) -> Deliveries:
    """Purchase orders of one row each: supplier, variant, days of order, promise and receipt, ordered, received."""
    names = tuple(dict.fromkeys(row[0] for row in rows))
    number = len(rows)

    def days(place: int) -> NDArray[np.datetime64]:
        return np.array([_day(row[place]) for row in rows], dtype="datetime64[D]")

    def whole(place: int) -> Ints:
        return np.array([row[place] for row in rows], dtype=np.int64)

    return Deliveries(
        ids=tuple(f"PO-{place}" for place in range(number)),
        suppliers=names,
        purchase=np.arange(number),
        supplier=np.array([names.index(row[0]) for row in rows], dtype=np.int64),
        variant=whole(1),
        ordered_on=days(2),
        promised_on=days(3),
        received_on=days(4),
        ordered=whole(5),
        received=whole(6),
    )
