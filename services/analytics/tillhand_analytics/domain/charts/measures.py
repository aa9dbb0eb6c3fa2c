"""Numbers as charts write them: short on an axis, whole in words; and days."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from tillhand_analytics.domain.records import Floats, Ints
from tillhand_common.currencies import minor_digits

FEW: Final = 10
"""Counts below it have an axis of whole numbers."""
Kind = Literal["count", "decimal", "money", "share"]
_LONG: Final = 1_000
"""From here on, no digit follows the point in words."""
_MOST_DIGITS: Final = 6
_LARGE: Final = ((1e9, 1e9, "B"), (1e6, 1e6, "M"), (1e4, 1e3, "k"))
_MINUS: Final = "\u2212"
_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@dataclass(frozen=True, slots=True)
class Measure:
    """What a chart's numbers are: `name` as it stands at the axis, and how they are written.

    `money` is in minor units of `currency`, `share` from 0 to 1.
    """

    name: str
    kind: Kind = "count"
    currency: str = ""

    @property
    def caption(self) -> str:
        """The name, with the unit of the axis."""
        return f"{self.name} ({self.currency})" if self.kind == "money" else self.name

    def drawn(self, values: Floats | Ints) -> Floats:
        """Values in the unit of the axis."""
        return np.asarray(values, np.float64) * self._factor

    def ticks(self, values: Floats, step: float) -> tuple[str, ...]:
        """Numbers on an axis, which are in its unit; large ones all in thousands, millions or billions."""
        if self.kind == "share":
            return tuple(f"{_fixed(value, step)} %" for value in values.tolist())
        most = max(float(np.abs(values).max()), step)
        unit, sign = next(((unit, sign) for limit, unit, sign in _LARGE if most >= limit), (1.0, ""))
        return tuple(_fixed(value / unit, step / unit) + (sign if value else "") for value in values.tolist())

    def said(self, value: float, *, signed: bool = False) -> str:
        """A number in words, from its own unit; `signed` has a plus before what is above zero."""
        if not math.isfinite(value):
            return "unknown"
        drawn = value * self._factor
        plus = "+" if signed and value > 0 else ""
        if self.kind == "money":
            return f"{self.currency} {plus}{_grouped(drawn, minor_digits(self.currency))}".strip()
        if self.kind == "share":
            return f"{plus}{_grouped(drawn, 1)} %"
        whole = abs(drawn) >= _LONG or (self.kind == "count" and drawn == round(drawn))
        return plus + _grouped(drawn, 0 if whole else 1)

    @property
    def _factor(self) -> float:
        if self.kind == "money":
            return 10.0 ** -minor_digits(self.currency)
        return 100.0 if self.kind == "share" else 1.0


def _fixed(value: float, step: float) -> str:
    """With as many digits as tell steps apart; none where it is whole and the steps are large."""
    digits = next((each for each in range(_MOST_DIGITS) if math.isclose(step, round(step, each))), _MOST_DIGITS)
    plain = value == 0 or (value == round(value) and step >= 1)
    return _grouped(value, 0 if plain else digits)


def _grouped(value: float, digits: int) -> str:
    written = f"{abs(value):,.{digits}f}"
    negative = value < 0 and any(digit in "123456789" for digit in written)
    return _MINUS + written if negative else written


def day(value: np.datetime64) -> str:
    """A day in words."""
    date = value.astype("datetime64[D]").item()
    return f"{date.day} {_MONTHS[date.month - 1]} {date.year}"


def day_tick(value: np.datetime64, *, monthly: bool) -> str:
    """A day on an axis: the month alone where each tick is one, with the year where it begins."""
    date = value.astype("datetime64[D]").item()
    month = _MONTHS[date.month - 1]
    if not monthly:
        return f"{date.day} {month}"
    return f"{month} {date.year}" if date.month == 1 else month
