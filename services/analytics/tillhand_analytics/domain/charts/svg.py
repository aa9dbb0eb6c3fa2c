"""Pieces of SVG: what a text may hold, how a number is written, how points become a path."""

from __future__ import annotations

import re
from typing import Final
from xml.sax.saxutils import escape

import numpy as np

from tillhand_analytics.domain.records import Bools, Floats

_FOREIGN: Final = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What no XML document may hold, not even escaped (XML 1.0, production Char)."""
_DIRECTIONS: Final = re.compile("[\u202a-\u202e\u2066-\u2069]")
"""What turns the direction of the text after it, beyond the label that it is in."""
_WIDE: Final = re.compile(
    "[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\U0001f300-\U0001faff]"
)
EM: Final = 0.57
"""Mean width of a letter, in sizes of the font; wide ones are a whole size."""


def text(raw: str) -> str:
    """A text as XML may hold it, in an element or in an attribute."""
    plain = _DIRECTIONS.sub("", _FOREIGN.sub("\ufffd", raw))
    return escape(" ".join(plain.split()), {'"': "&quot;", "'": "&#39;"})


def wide(raw: str, size: float) -> float:
    """About how wide a text is."""
    return size * (EM * len(raw) + (1 - EM) * len(_WIDE.findall(raw)))


def shortened(raw: str, width: float, size: float) -> str:
    """As much of a text as fits, with an ellipsis where some is left out."""
    if wide(raw, size) <= width:
        return raw
    kept = raw
    while kept and wide(kept, size) + size > width:
        kept = kept[:-1]
    return f"{kept.rstrip()}\u2026"


def number(value: float) -> str:
    """A coordinate, to a tenth of a pixel."""
    written = f"{value:.1f}".removesuffix(".0")
    return "0" if written == "-0" else written


def path(x: Floats, y: Floats) -> str:
    """A line through the points; a point that is missing breaks it."""
    there = np.isfinite(x) & np.isfinite(y)
    begins = there & ~np.r_[False, there[:-1]]
    return "".join(_step(*each) for each in zip(x, y, begins, strict=True) if np.isfinite(each[0] + each[1]))


def _step(x: float, y: float, begins: bool) -> str:
    return f"{'M' if begins else 'L'}{number(x)} {number(y)}"


def lone(x: Floats, y: Floats) -> Bools:
    """Points with neither neighbour: a path through them alone shows nothing."""
    there = np.isfinite(x) & np.isfinite(y)
    alone: Bools = there & ~np.r_[False, there[:-1]] & ~np.r_[there[1:], False]
    return alone


def area(x: Floats, low: Floats, high: Floats) -> str:
    """The shapes between two lines, one for each stretch where both are known."""
    there = np.flatnonzero(np.isfinite(x) & np.isfinite(low) & np.isfinite(high))
    stretches = np.split(there, np.flatnonzero(np.diff(there) > 1) + 1) if len(there) else []
    return "".join(path(np.r_[x[each], x[each][::-1]], np.r_[high[each], low[each][::-1]]) + "Z" for each in stretches)


def rectangle(x: float, y: float, width: float, height: float, attributes: str, *, radius: float = 0) -> str:
    """A box; of no size below zero."""
    size = f'width="{number(max(0, width))}" height="{number(max(0, height))}"'
    round_off = f' rx="{number(radius)}"' if radius else ""
    return f'<rect x="{number(x)}" y="{number(y)}" {size}{round_off} {attributes}/>'


def label(raw: str, x: float, y: float, attributes: str, *, anchor: str = "start", size: float = 12) -> str:
    """A text at a point."""
    where = f'x="{number(x)}" y="{number(y)}"'
    placed = "" if anchor == "start" else f' text-anchor="{anchor}"'
    return f'<text {where}{placed} font-size="{number(size)}" {attributes}>{text(raw)}</text>'
