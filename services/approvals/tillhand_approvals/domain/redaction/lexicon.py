"""What is known of a word: names, places, and how English writes it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

GIVEN: Final = 1
FAMILY: Final = 2
ORDINARY: Final = 4
"""Written small more often than not."""
PROPER: Final = 8
"""English knows it with a capital: a name, a brand, a place."""
PLACE: Final = 16
COUNTRY: Final = 32
COMMON: Final = 64
"""Among the few thousand most frequent words."""
RARE: Final = 128
"""Hardly ever written; what it is written like says little."""

Lexicon = Mapping[str, int]
"""Flags by word, in small letters; names of places may be of several words."""
