"""The style sheet that every chart carries, the same in all of them: a content policy can name it by its hash."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from typing import Final

from tillhand_analytics.domain.charts.colours import DARK, LIGHT


def _variables(colours: Mapping[str, str]) -> str:
    return "".join(f"--{name}:{value};" for name, value in colours.items())


def _rules() -> str:
    fills = "".join(f".f-{name}{{fill:var(--{name})}}" for name in LIGHT)
    strokes = "".join(f".l-{name}{{stroke:var(--{name})}}" for name in LIGHT if not name.startswith("h"))
    return fills + strokes


STYLE: Final = (
    f".tillhand-chart{{{_variables(LIGHT)}max-width:100%;height:auto}}"
    f"@media (prefers-color-scheme:dark){{.tillhand-chart{{{_variables(DARK)}}}}}"
    f"{_rules()}"
)
STYLE_HASH: Final = "sha256-" + base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
"""As the policy `style-src` names it."""


def fill(name: str) -> str:
    """Attributes that fill a shape or a text; without the style sheet, as on light ground."""
    return f'class="f-{name}" fill="{LIGHT[name]}"'


def line(name: str) -> str:
    """Attributes that draw a line; without the style sheet, as on light ground."""
    return f'class="l-{name}" stroke="{LIGHT[name]}" fill="none"'
