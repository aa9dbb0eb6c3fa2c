"""Where a figure comes from: which sources, of which mode, how fresh, over which days, and by which method."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final, Literal, get_args

Mode = Literal["live", "mock", "recorded"]
MODES: Final[tuple[Mode, ...]] = get_args(Mode)
Source = Literal["shopify", "ga4", "search_console", "bing"]
SOURCES: Final[tuple[Source, ...]] = get_args(Source)
Parameter = str | int | float | bool | None
_WORST_FIRST: Final[tuple[Mode, ...]] = ("mock", "recorded", "live")


@dataclass(frozen=True, slots=True)
class Stamp:
    """How one source was read.

    `complete_through` is its last whole day, None where it gave nothing dated; `digest` is the SHA-256 of what came in,
    in hex; `stale` says that a later reading has failed since, `truncated` that the source held more than was read.
    """

    source: Source
    mode: Mode
    fetched_at: datetime
    complete_through: date | None
    rows: int
    digest: str
    truncated: bool = False
    stale: bool = False


@dataclass(frozen=True, slots=True)
class Method:
    """How a figure is calculated. `version` changes whenever the same input would give another figure."""

    name: str
    version: str = "1"


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where a figure comes from. `mode` is the least real of its sources; `digest` that of what it was made of."""

    mode: Mode
    sources: tuple[Stamp, ...]
    first_day: date
    last_day: date
    time_zone: str
    currency: str
    digest: str
    method: Method
    computed_at: datetime
    parameters: Mapping[str, Parameter] = field(default_factory=dict)

    @property
    def live(self) -> bool:
        """Whether all of it is real."""
        return self.mode == "live"


def mode_of(stamps: Sequence[Stamp]) -> Mode:
    """The least real mode of the sources; `live` where there are none, for nothing is made up then."""
    modes = {stamp.mode for stamp in stamps}
    return next((mode for mode in _WORST_FIRST if mode in modes), "live")


def digest_of(parts: Iterable[str]) -> str:
    """One digest of several texts, in hex; where one ends and the next begins counts."""
    sha = hashlib.sha256()
    for part in parts:
        sha.update(f"{len(part)}:{part}".encode())
    return sha.hexdigest()
