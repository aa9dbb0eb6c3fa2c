"""What a browser says of itself, in a few words by which somebody knows their own again."""

from __future__ import annotations

from typing import Final

LONGEST: Final = 1_000
_NAMES: Final = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
"""A part of what it says and its name, the more special ones first: nearly all of them name Safari, too."""
_SYSTEMS: Final = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)


def browser_of(user_agent: str) -> str:
    """Such as Firefox on Linux; another program where it is none that is known."""
    said = user_agent[:LONGEST]
    name = next((name for part, name in _NAMES if part in said), "")
    system = next((name for part, name in _SYSTEMS if part in said), "")
    return f"{name or 'Another program'}{f' on {system}' if system else ''}"
