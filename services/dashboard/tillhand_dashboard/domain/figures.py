"""Figures as people read them, and the tables that they stand in. What is unknown is a dash, never a nought."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from tillhand_dashboard.domain import numbers

Kind = Literal["text", "word", "integer", "number", "share", "change", "money", "chance", "yes"]
"""How a value is written. `word` is a name of the service's own, `change` a share with its sign, `chance` a p- or
q-value, `money` an amount in minor units."""
_NUMERIC: Final = frozenset({"integer", "number", "share", "change", "money", "chance"})
_INVISIBLE: Final = frozenset({"Cc", "Cf", "Co", "Cs", "Zl", "Zp"})
_SMALL: Final = 10.0
_LEAST_CHANCE: Final = 0.001


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table: what the other service calls it, its heading, and how its values are written."""

    key: str
    heading: str
    kind: Kind = "text"
    lights: Mapping[str, str] = field(default_factory=dict)
    """Which of its values are good, and which are not."""

    @property
    def numeric(self) -> bool:
        """Whether it is set to the right."""
        return self.kind in _NUMERIC


def plain(text: str) -> str:
    """Text from outside, with everything that cannot be seen, or turns its direction, told by its number."""
    return "".join(f"⟨U+{ord(each):04X}⟩" if unicodedata.category(each) in _INVISIBLE else each for each in text)


def shown(value: Any, kind: Kind = "text", currency: str = "") -> str:  # noqa: ANN401  # any JSON
    """A value as its kind is written; a dash where it is missing."""
    if value is None or value == "":
        return numbers.DASH
    if kind == "yes":
        return "yes" if value is True else "no"
    if kind in _NUMERIC and isinstance(value, int | float):
        return _number(value, kind, currency)
    text = plain(str(value))
    return text.replace("_", " ") if kind == "word" else text


def _number(value: float, kind: Kind, currency: str) -> str:
    if kind == "money":
        return numbers.money(round(value), currency).text
    if kind == "integer":
        return numbers.integer(round(value)).text
    if kind in {"share", "change"}:
        return numbers.percentage(value, signed=kind == "change").text
    if kind == "chance":
        return f"< {_LEAST_CHANCE}" if value < _LEAST_CHANCE else numbers.decimal(value, digits=3).text
    return numbers.decimal(value, digits=2 if abs(value) < _SMALL else 1).text
