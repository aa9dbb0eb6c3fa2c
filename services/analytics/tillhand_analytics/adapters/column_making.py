"""Columns out of what sources give a value at a time."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import numpy as np

from tillhand_analytics.domain.records import Bools, Days, Floats, Ints, Moments, Texts
from tillhand_common.currencies import minor_digits


class Places:
    """Numbers texts in the order in which they first come."""

    def __init__(self) -> None:
        self._places: dict[str, int] = {}

    def of(self, texts: Iterable[str]) -> Ints:
        """The place of each."""
        places = self._places
        return np.fromiter((places.setdefault(text, len(places)) for text in texts), np.int64)

    @property
    def texts(self) -> Texts:
        """All of them, by place."""
        return tuple(self._places)


def ints(values: Iterable[int]) -> Ints:
    """A column of whole numbers."""
    return np.fromiter(values, np.int64)


def truths(values: Iterable[bool]) -> Bools:
    """A column of yes and no."""
    return np.fromiter(values, np.bool_)


def floats(values: Iterable[float | None]) -> Floats:
    """A column of numbers, NaN for none."""
    return np.fromiter((np.nan if value is None else value for value in values), np.float64)


def minor(amounts: Iterable[str | float], currency: str) -> Ints:
    """Decimal amounts such as `12.90` in minor units of their currency, to the nearest."""
    scale = 10 ** minor_digits(currency)
    found: Ints = np.rint(np.array(list(amounts), dtype=np.float64) * scale).astype(np.int64)
    return found


def days(values: Iterable[date | None]) -> Days:
    """A column of days, NaT for none."""
    return np.array(list(values), dtype="datetime64[D]")


def moments(values: Iterable[datetime | None]) -> Moments:
    """A column of moments in UTC, NaT for none."""
    naive = [None if value is None else value.astimezone(UTC).replace(tzinfo=None) for value in values]
    return np.array(naive, dtype="datetime64[s]")


def local_days(values: Iterable[datetime], zone: ZoneInfo) -> Days:
    """The days of moments where the shop is."""
    return days(value.astimezone(zone).date() for value in values)


def taken(values: Sequence[str], places: Ints) -> Texts:
    """Texts at some places, in their order."""
    return tuple(values[place] for place in places.tolist())
