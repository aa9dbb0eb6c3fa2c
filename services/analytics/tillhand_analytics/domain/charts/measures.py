"""Numbers as charts write them: short on an axis, whole in words; and days."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from tillhand_analytics.domain.records import Floats, Ints

FEW: Final = 10
"""Counts below it have an axis of whole numbers."""
Kind = Literal["count", "decimal", "money", "share"]
_MOST_DIGITS: Final = 6
_MINUS: Final = "\u2212"
_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_NO_MINOR: Final = frozenset("BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF".split())
_THREE: Final = frozenset("BHD IQD JOD KWD LYD OMR TND".split())


def minor_digits(currency: str) -> int:
    """Digits of a currency's minor unit (ISO 4217)."""
    if currency in _NO_MINOR:
        return 0
    return 3 if currency in _THREE else 2


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

    def tick(self, value: float, step: float) -> str:
        """A number on the axis, in its unit."""
        if self.kind == "share":
            return f"{_fixed(value, step)} %"
        for limit, sign in ((1e9, "B"), (1e6, "M"), (1e4, "k")):
            if max(abs(value), step) >= limit:
                unit = 1e3 if sign == "k" else limit
                return _fixed(value / unit, step / unit) + sign
        return _fixed(value, step)

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
        return plus + _grouped(drawn, 0 if self.kind == "count" and drawn == round(drawn) else 1)

    @property
    def _factor(self) -> float:
        if self.kind == "money":
            return 10.0 ** -minor_digits(self.currency)
        return 100.0 if self.kind == "share" else 1.0


def _fixed(value: float, step: float) -> str:
    """With as many digits as tell steps apart."""
    digits = next((each for each in range(_MOST_DIGITS) if math.isclose(step, round(step, each))), _MOST_DIGITS)
    return _grouped(value, digits)


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
