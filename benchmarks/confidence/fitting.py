"""Fits the coefficients of `domain/belief.py`, with numpy alone: both likelihoods are smooth, and the tables small."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from benchmarks.confidence.asked import Group, Read, Scores, Way
from tillhand_rag.domain.belief import CONFIDENCE, DOUBTS, LOGITS, assurance, belief, doubts, evidence

BY_HAND: Final = ("foreign", "misnamed", "unmeasured", "evasive", "beside", "defining", "step", "first", "remark")
"""Those of `LOGITS` that are not fitted."""
AS_THEY_ARE: Final = ("later",)
"""Those of `CONFIDENCE`."""
COUNTS: Final[dict[tuple[Group, Way], float]] = {
    ("golden", "asked"): 4.0,
    ("written", "asked"): 4.0,
    ("golden", "taken away"): 2.0,
    ("written", "taken away"): 2.0,
}
"""How often a question counts where it is not once: the shop's are few, and what the service is for."""
ELSEWHERE: Final = 0.3
"""Questions about something else are easy, and many."""
_PENALTY: Final = 0.5
_LOGIT_PENALTY: Final = 0.3
_STEPS: Final = 60
_STILL: Final = 1e-9

Gradient = Callable[[Scores], tuple[Scores, NDArray[np.float64]]]
"""The gradient of a likelihood at these coefficients, and (the negative of) its curvature."""


def fit_logits(reads: Sequence[Read]) -> dict[str, float]:
    """`COSINE` (as "cosine") and `LOGITS` anew, as a conditional logit over the sentences of each question."""
    names = [name for name in LOGITS if name not in BY_HAND]
    tables = [_table(read, names) for read in reads if read.answerable and 0 < read.right.sum() < len(read.right)]

    def gradient(coefficients: Scores) -> tuple[Scores, NDArray[np.float64]]:
        total = -_LOGIT_PENALTY * coefficients
        curvature = _LOGIT_PENALTY * np.eye(len(coefficients))
        for values, offsets, right, count in tables:
            shares = _softmax(values @ coefficients + offsets)
            wanted = np.where(right, shares, 0.0)
            wanted = wanted / wanted.sum()
            total = total + count * values.T @ (wanted - shares)
            # Of the concave part alone: with it, each step still climbs.
            curvature = curvature + count * _covariance(values, shares)
        return total, curvature

    fitted = _climb(gradient, len(names) + 1)
    return {name: round(float(value), 2) for name, value in zip([*names, "cosine"], fitted, strict=True)}


def fit_confidence(reads: Sequence[Read]) -> dict[str, float]:
    """`CONFIDENCE` anew, as a logistic regression beside `DOUBTS` as they are."""
    names = [name for name in CONFIDENCE if name not in AS_THEY_ARE]
    rows = [(read, best(read)) for read in reads if read.candidates]
    told = [_assured(read, place) for read, place in rows]
    values = np.array([[each[name] for name in names] for each in told])
    offsets = np.array([_doubted(read, place) for read, place in rows])
    offsets += [sum(CONFIDENCE[name] * each[name] for name in AS_THEY_ARE) for each in told]
    counts = np.array([ELSEWHERE if read.way == "elsewhere" else _counts(read) for read, _ in rows])
    answerable = np.array([read.answerable for read, _ in rows], dtype=float)
    spread = values.std(axis=0)
    spread[0] = 1.0
    penalties = np.diag(np.where(np.arange(len(spread)) == 0, 0.0, _PENALTY / len(spread)))

    def gradient(coefficients: Scores) -> tuple[Scores, NDArray[np.float64]]:
        scaled = values / spread
        sure = 1 / (1 + np.exp(-(scaled @ coefficients + offsets)))
        slope = scaled.T @ (counts * (answerable - sure)) - penalties @ coefficients
        return slope, (scaled * (counts * sure * (1 - sure))[:, None]).T @ scaled + penalties

    fitted = _climb(gradient, values.shape[1]) / spread
    return {name: round(float(value), 2) for name, value in zip(names, fitted, strict=True)}


def best(read: Read) -> int:
    """The place of the sentence that is believed most."""
    return int(np.argmax(beliefs(read)))


def beliefs(read: Read) -> Scores:
    """What words and meaning say of each sentence."""
    return np.array([belief(each.cues, cosine) for each, cosine in zip(read.candidates, read.cosines, strict=True)])


def _assured(read: Read, place: int) -> dict[str, float]:
    return assurance(read.candidates[place].cues, cosine=float(read.cosines[place]))


def _doubted(read: Read, place: int) -> float:
    return sum(DOUBTS[name] * value for name, value in doubts(read.candidates[place].cues).items())


def _table(read: Read, names: Sequence[str]) -> tuple[Scores, Scores, NDArray[np.bool_], float]:
    told = [evidence(candidate.cues) for candidate in read.candidates]
    values = np.array(
        [[*(each[name] for name in names), cosine] for each, cosine in zip(told, read.cosines, strict=True)]
    )
    offsets = np.array([sum(LOGITS[name] * each[name] for name in BY_HAND) for each in told])
    return values, offsets, read.right, 1.0 if read.put.group == "xquad" else 2.0


def _counts(read: Read) -> float:
    return COUNTS.get((read.put.group, read.way), 1.0)


def _softmax(logits: Scores) -> Scores:
    shares: Scores = np.exp(logits - logits.max())
    normalised: Scores = shares / shares.sum()
    return normalised


def _covariance(values: Scores, shares: Scores) -> NDArray[np.float64]:
    centred = values - shares @ values
    covariance: NDArray[np.float64] = (centred * shares[:, None]).T @ centred
    return covariance


def _climb(gradient: Gradient, size: int) -> Scores:
    """Newton's method from zero."""
    coefficients = np.zeros(size)
    for _ in range(_STEPS):
        slope, curvature = gradient(coefficients)
        step = np.linalg.solve(curvature, slope)
        coefficients = coefficients + step
        if np.abs(step).max() < _STILL:
            break
    return coefficients
