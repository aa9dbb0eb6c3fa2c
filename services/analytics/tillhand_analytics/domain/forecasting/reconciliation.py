"""Forecasts of goods, of their categories and of the total, made to add up.

Base forecasts of all levels are combined by generalised least squares with a diagonal matrix of variances (the MinT
family: Wickramasuriya, Athanasopoulos and Hyndman 2019). In a tree this is exact in two passes: up, where each sum is
weighed against the forecast of the sum itself, and down, where what is left is shared out by variance. No forecast ends
below zero: what would is held at zero, and the rest is reconciled without it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from tillhand_analytics.domain.records import Bools, Floats, Ints

_ROUNDS: Final = 20
_LEAST_SHARE: Final = 1e-12


@dataclass(frozen=True, slots=True)
class Levels:
    """Values of a total (h), of `g` groups (g x h) and of `n` members (n x h); likewise their variances, without h.

    `group` (n) says of which group each member is.
    """

    group: Ints
    total: Floats
    groups: Floats
    members: Floats


@dataclass(frozen=True, slots=True)
class Variances:
    """How wrong the base forecasts of each level were: a mean squared error in the backtest, above 0 somewhere."""

    total: float
    groups: Floats
    members: Floats


def bottom_up(base: Levels) -> Levels:
    """Groups and total as the sums of their members; what is below zero counts as zero."""
    return _summed(base.group, np.maximum(base.members, 0.0), len(base.groups))


def reconciled(base: Levels, variances: Variances) -> Levels:
    """The least squares forecasts that add up. Variances that are not known or 0 count as next to nothing."""
    held = np.zeros(base.members.shape, np.bool_)
    least = _LEAST_SHARE * max(1.0, float(np.nan_to_num(variances.members).max(initial=0.0)))
    spread = Variances(
        max(float(np.nan_to_num(variances.total)), least),
        np.maximum(np.nan_to_num(variances.groups), least),
        np.maximum(np.nan_to_num(variances.members), least),
    )
    members = np.maximum(base.members, 0.0)
    for _ in range(_ROUNDS):
        members = _least_squares(base, spread, held)
        negative = members < 0
        if not negative.any():
            break
        held |= negative
    return _summed(base.group, np.maximum(members, 0.0), len(base.groups))


def _least_squares(base: Levels, spread: Variances, held: Bools) -> Floats:
    """Members (n x h); those that are `held` are zero, without a doubt."""
    values = np.where(held, 0.0, base.members)
    variance = np.where(held, 0.0, spread.members[:, None])
    count = len(base.groups)
    sums, sums_variance = _by_group(base.group, values, count), _by_group(base.group, variance, count)
    up, up_variance = _weighed(sums, sums_variance, base.groups, spread.groups[:, None])
    total, _ = _weighed(up.sum(axis=0), up_variance.sum(axis=0), base.total, np.full_like(base.total, spread.total))
    groups = up + _share(up_variance, up_variance.sum(axis=0)) * (total - up.sum(axis=0))
    missing = groups - sums
    share = _share(variance, sums_variance[base.group])
    members: Floats = values + share * missing[base.group]
    return members


def _weighed(one: Floats, one_variance: Floats, other: Floats, other_variance: Floats) -> tuple[Floats, Floats]:
    """The mean of two estimates by their precision, and its variance."""
    weight = one_variance / (one_variance + other_variance)
    return one + weight * (other - one), one_variance * (1 - weight)


def _share(part: Floats, whole: Floats) -> Floats:
    return np.where(whole > 0, part / np.where(whole > 0, whole, 1.0), 0.0)


def _by_group(group: Ints, values: Floats, count: int) -> Floats:
    sums = np.zeros((count, values.shape[1]))
    np.add.at(sums, group, values)
    return sums


def _summed(group: Ints, members: Floats, count: int) -> Levels:
    groups = _by_group(group, members, count)
    return Levels(group, groups.sum(axis=0), groups, members)
