"""The colours of charts, on light and on dark ground.

Text stands out 4.5 to 1 from what is behind it, marks 3 to 1 (WCAG 2.2, 1.4.3 and 1.4.11), and the five series stay
apart for readers who see no red, no green or no blue (tests simulate them). Colour never stands alone: lines differ in
dashes too, marks in shape, and cells hold their numbers.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

LIGHT: Final[Mapping[str, str]] = {
    "surface": "#ffffff",
    "ink": "#1b222c",
    "soft": "#55606e",
    "grid": "#dfe3e8",
    "s1": "#2346b8",
    "s2": "#cf4a12",
    "s3": "#00866e",
    "s4": "#911180",
    "s5": "#222a36",
    "h0": "#edf2fb",
    "h1": "#d7e3f6",
    "h2": "#bcd1f0",
    "h3": "#9dbbe8",
    "h4": "#7aa2de",
    "h5": "#3f6fc4",
    "h6": "#2a58b0",
    "h7": "#1c4494",
    "h8": "#123075",
}
DARK: Final[Mapping[str, str]] = {
    "surface": "#12161c",
    "ink": "#eceff3",
    "soft": "#a3adb9",
    "grid": "#2c343f",
    "s1": "#4a9af2",
    "s2": "#e07b54",
    "s3": "#2fe3a6",
    "s4": "#ffb0f5",
    "s5": "#f4f6f8",
    "h0": "#1a222e",
    "h1": "#1b2f49",
    "h2": "#1c3d65",
    "h3": "#1d4b80",
    "h4": "#205c9e",
    "h5": "#64a5ea",
    "h6": "#83b8f0",
    "h7": "#a4cbf5",
    "h8": "#c6dffa",
}
SERIES: Final = ("s1", "s2", "s3", "s4", "s5")
_LAST_PALE: Final = 4
HEAT: Final = tuple(f"h{step}" for step in range(9))


def on_heat(step: int) -> str:
    """The colour of text on a step of the heat scale, on light ground; on dark ground it is the other one."""
    return "ink" if step <= _LAST_PALE else "surface"
