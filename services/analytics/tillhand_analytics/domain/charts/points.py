"""The numbers behind a chart over days, in the unit of its axis: for whoever draws it anew, larger or nearer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from tillhand_analytics.domain.records import Days, Floats

Number = float | None


@dataclass(frozen=True, slots=True)
class Traced:
    """A series, None where it is unknown; `bars` stand on the axis, a `line` does not."""

    name: str
    kind: Literal["bars", "line"]
    values: Sequence[Number]


@dataclass(frozen=True, slots=True)
class Between:
    """An interval of the line before it."""

    name: str
    low: Sequence[Number]
    high: Sequence[Number]


@dataclass(frozen=True, slots=True)
class Points:
    """Everything is of the same days."""

    title: str
    unit: str
    days: Sequence[str]
    lines: Sequence[Traced]
    bands: Sequence[Between] = ()


def written(days: Days) -> Sequence[str]:
    """Days as RFC 3339 has them."""
    return [str(day) for day in days.astype("datetime64[D]")]


def placed(values: Floats, before: int, after: int) -> Sequence[Number]:
    """Values with so many unknown ones on either side; what is no number is unknown."""
    known = [float(value) if np.isfinite(value) else None for value in values]
    return [*[None] * before, *known, *[None] * after]
