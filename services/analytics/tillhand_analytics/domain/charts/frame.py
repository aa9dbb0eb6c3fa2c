"""What all charts have in common: ground, title, legend, axes, a text for who cannot see them, and what is made up."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from tillhand_analytics.domain.charts import svg
from tillhand_analytics.domain.charts.colours import SERIES
from tillhand_analytics.domain.charts.points import Points
from tillhand_analytics.domain.charts.style import STYLE, fill, line
from tillhand_analytics.domain.provenance import Mode

FORMAT: Final = "chart-1"
"""Changes when the same figures would be drawn otherwise."""
_FONT: Final = "system-ui,-apple-system,'Segoe UI',Roboto,'DejaVu Sans',sans-serif"
_TITLE_SIZE: Final = 15
_BOLD: Final = 1.12
"""How much wider bold letters are."""
_KEY_SIZE: Final = 12
_EDGE: Final = 14
DASHES: Final = ("", "7 4", "2 3", "9 3 2 3", "1 3")
"""One for each series, beside its colour."""


@dataclass(frozen=True, slots=True)
class Chart:
    """A picture as SVG, what it shows in words, and in numbers where it is one over days."""

    svg: str
    summary: str
    points: Points | None = None


@dataclass(frozen=True, slots=True)
class Look:
    """How large a chart is, and how real what it shows. A narrow one is laid out anew, not shrunk."""

    mode: Mode = "live"
    width_px: int = 720
    height_px: int = 360


@dataclass(frozen=True, slots=True)
class Key:
    """An entry of the legend: `shape` is line, box, mark or dot."""

    name: str
    colour: str
    shape: str = "line"
    dash: str = ""
    opacity: float = 1.0


@dataclass(frozen=True, slots=True)
class Box:
    """A part of the picture, in pixels from its upper left corner."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def width(self) -> float:
        """From left to right."""
        return self.right - self.left

    @property
    def height(self) -> float:
        """From top to bottom."""
        return self.bottom - self.top


class Canvas:
    """A chart that is being drawn."""

    def __init__(self, title: str, look: Look, keys: Sequence[Key] = ()) -> None:
        self.look = look
        self.parts: list[str] = []
        self._title = title
        badge = self._badge()
        room = look.width_px - 2 * _EDGE - badge
        self.parts.append(
            svg.label(
                svg.shortened(title, room, _TITLE_SIZE * _BOLD),
                _EDGE,
                26,
                f'{fill("ink")} font-weight="600"',
                size=_TITLE_SIZE,
            )
        )
        self._top = self._legend(keys)

    def box(self, *, left: float, bottom: float = 30, right: float = 18, caption: bool = False) -> Box:
        """Where the figures go: below title and legend, beside the labels of the axes."""
        top = self._top + (30 if caption else 10)
        return Box(_EDGE + left, top, self.look.width_px - right, max(top + 20, self.look.height_px - bottom))

    def add(self, *parts: str) -> None:
        """Draw over what is there."""
        self.parts.extend(parts)

    def nothing(self, why: str) -> None:
        """Say in the middle why there is nothing to see."""
        middle = self.look.width_px / 2, self.look.height_px / 2
        self.add(svg.label(why, *middle, fill("soft"), anchor="middle", size=14))

    def finish(self, summary: str) -> Chart:
        """The whole picture."""
        said = summary if self.look.mode == "live" else f"{summary} {_unreal(self.look)}"
        body = self._mark() + "".join(self.parts)
        name = hashlib.sha256((self._title + said + body).encode("utf-8", "replace")).hexdigest()[:10]
        width, height = self.look.width_px, self.look.height_px
        return Chart(
            f'<svg xmlns="http://www.w3.org/2000/svg" class="tillhand-chart" viewBox="0 0 {width} {height}" '
            f'width="{width}" height="{height}" font-family="{_FONT}" role="img" '
            f'aria-labelledby="t{name} d{name}"><title id="t{name}">{svg.text(self._title)}</title>'
            f'<desc id="d{name}">{svg.text(said)}</desc><style>{STYLE}</style>'
            f"{svg.rectangle(0, 0, width, height, fill('surface'), radius=6)}{body}</svg>",
            said,
        )

    def _badge(self) -> float:
        if self.look.mode == "live":
            return 0
        word = self.look.mode.upper()
        width = svg.wide(word, 11) + 16
        left = self.look.width_px - _EDGE - width
        self.parts.append(svg.rectangle(left, 12, width, 19, fill("s2"), radius=4))
        self.parts.append(
            svg.label(word, left + width / 2, 25.5, f'{fill("surface")} font-weight="700"', anchor="middle", size=11)
        )
        return width + 12

    def _mark(self) -> str:
        """A faint word over the whole picture, which stays when its edges are cut off."""
        if self.look.mode == "live":
            return ""
        size = min(self.look.width_px / 6, self.look.height_px / 2.5)
        across, down = self.look.width_px / 2, self.look.height_px / 2 + size / 3
        attributes = f'{fill("soft")} fill-opacity="0.07" font-weight="700" aria-hidden="true"'
        return svg.label(self.look.mode.upper(), across, down, attributes, anchor="middle", size=size)

    def _legend(self, keys: Sequence[Key]) -> float:
        """Draw the legend in as many lines as it takes; return where it ends."""
        left, top = float(_EDGE), 46.0
        for key in keys:
            name = svg.shortened(key.name, self.look.width_px - 2 * _EDGE - 26, _KEY_SIZE)
            width = svg.wide(name, _KEY_SIZE) + 40
            if left > _EDGE and left + width - 14 > self.look.width_px - _EDGE:
                left, top = float(_EDGE), top + 18
            self.parts.append(_swatch(key, left, top))
            self.parts.append(svg.label(name, left + 26, top + 4, fill("ink"), size=_KEY_SIZE))
            left += width
        return top + 8 if keys else 32.0


def series_key(name: str, place: int, *, dash: str | None = None) -> Key:
    """The entry of a line by its place among the others."""
    at = place % len(SERIES)
    return Key(name, SERIES[at], dash=DASHES[at] if dash is None else dash)


def stroke(key: Key, width: float = 2) -> str:
    """Attributes of a line as the legend shows it."""
    dashed = f' stroke-dasharray="{key.dash}"' if key.dash else ""
    return f'{line(key.colour)} stroke-width="{svg.number(width)}" stroke-linejoin="round"{dashed}'


def _swatch(key: Key, left: float, middle: float) -> str:
    if key.shape == "line":
        return f'<path d="M{svg.number(left)} {svg.number(middle)}h20" {stroke(key)}/>'
    faint = f' fill-opacity="{key.opacity:g}"' if key.opacity < 1 else ""
    if key.shape == "mark":
        return f'<path d="{triangle(left + 10, middle + 4)}" {fill(key.colour)}/>'
    if key.shape == "dot":
        where = f'cx="{svg.number(left + 10)}" cy="{svg.number(middle)}" r="5"'
        return f'<circle {where} {line(key.colour)} stroke-width="2.5"/>'
    return svg.rectangle(left + 2, middle - 6, 16, 12, fill(key.colour) + faint, radius=2)


def triangle(x: float, y: float) -> str:
    """The path of a mark that points up, its base at `y`."""
    return f"M{svg.number(x - 4)} {svg.number(y)}h8l-4 -7z"


def _unreal(look: Look) -> str:
    return "All of it is made up." if look.mode == "mock" else "It was recorded, and is not live."
