"""How long the error of a day lasts, and what that costs a trend."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from tillhand_analytics.domain.quotients import ratio
from tillhand_analytics.domain.records import Bools, Floats

_PRIOR_DAYS: Final = 30.0
_LONGEST: Final = 0.95
_TINY: Final = 1e-12


@dataclass(frozen=True, slots=True)
class Persistence:
    """By series: the correlation from one day to the next, what the variance of a slope is to be multiplied by for it,
    and the degrees of freedom that are left.
    """

    memory: Floats
    inflation: Floats
    freedom: Floats


def persistence(errors: Floats, leverage: Floats, seen: Bools) -> Persistence:
    """Autoregression of the residuals of trends, in arrays of series by days; `leverage` is weight times centred time.

    The correlation is that of days in a row, drawn towards that of all series with a weight of thirty days, and
    corrected for what detrending takes from it, (2 + 4 r) / n (Kendall 1954); at most .95. The inflation is that of the
    variance of sum(leverage * error) under it, by the share of the variance that detrending leaves in the residuals,
    which is T - trace((X'X)^-1 X'RX) of T days. The freedom is n (1 - r²) / (1 + r²) - 2 (Bayley and Hammersley 1946).
    """
    days = np.maximum(seen.sum(axis=1), 1).astype(np.float64)
    memory = memory_of(errors, seen)
    level = np.asarray(seen, dtype=np.float64)
    time = _line(seen)
    forms = _form(np.concatenate([level, time, leverage]), np.tile(memory, 3)).reshape(3, -1)
    kept = days - ratio(forms[0], days) - np.nan_to_num(ratio(forms[1], (time**2).sum(axis=1)))
    spread = np.nan_to_num(ratio(forms[2], (leverage**2).sum(axis=1)), nan=1.0)
    return Persistence(
        memory=memory,
        inflation=spread * ratio(days, np.maximum(kept, 0.5)),
        freedom=np.maximum(days * (1 - memory**2) / (1 + memory**2) - 2, 1.0),
    )


def memory_of(errors: Floats, seen: Bools) -> Floats:
    """The correlation of the errors of one day and the next, as `persistence` takes it."""
    days = np.maximum(seen.sum(axis=1), 1).astype(np.float64)
    both = seen[:, 1:] & seen[:, :-1]
    scale = np.maximum(ratio((errors**2).sum(axis=1), days), _TINY)
    together = (errors[:, 1:] * errors[:, :-1] * both).sum(axis=1) / scale
    rows = both.sum(axis=1)
    usual = float(together.sum() / max(rows.sum(), 1))
    raw = (together + _PRIOR_DAYS * usual) / (rows + _PRIOR_DAYS)
    corrected = (raw + 2 / (days + _PRIOR_DAYS)) / np.maximum(1 - 4 / (days + _PRIOR_DAYS), 0.1)
    return np.asarray(np.clip(corrected, 0.0, _LONGEST), dtype=np.float64)


def _line(seen: Bools) -> Floats:
    """Days less the mean of those seen, 0 on the others."""
    time = np.arange(seen.shape[1], dtype=np.float64)
    mean = np.nan_to_num(ratio((seen * time).sum(axis=1), seen.sum(axis=1)))
    return np.asarray(seen * (time - mean[:, None]), dtype=np.float64)


def _form(weights: Floats, memory: Floats) -> Floats:
    """The variance of the weighted sum of each row, errors of variance 1 fading by memory from day to day."""
    before = np.zeros(len(weights))
    total = np.zeros(len(weights))
    for column in np.ascontiguousarray(weights.T):
        total += column * (column + 2 * memory * before)
        before = column + memory * before
    return total
