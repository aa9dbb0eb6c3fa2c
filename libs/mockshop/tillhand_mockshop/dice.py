"""Draws that are the same everywhere: all of them rest on `Random.random`, whose sequence Python keeps for ever."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from itertools import accumulate
from random import Random
from typing import Generic, TypeVar

Item = TypeVar("Item")


def dice(seed: int, part: str) -> Random:
    """The source of one part of the shop, so that a change to one part leaves the others as they are."""
    return Random(f"tillhand mock shop/{seed}/{part}")


def pick(random: Random, items: Sequence[Item]) -> Item:
    """One of the items, all as likely."""
    return items[int(random.random() * len(items))]


def between(random: Random, low: int, high: int) -> int:
    """A whole number from `low` to `high`, both in it."""
    return low + int(random.random() * (high - low + 1))


def spread(random: Random, low: float, high: float) -> float:
    """A number from `low` to `high`, all as likely."""
    return low + random.random() * (high - low)


def skewed(random: Random, low: float, high: float) -> float:
    """A number from `low` to `high` whose logarithm is uniform: many small ones, few large ones."""
    return low * math.exp(random.random() * math.log(high / low))


def shuffled(random: Random, items: Sequence[Item]) -> list[Item]:
    """The items in another order, all orders as likely."""
    result = list(items)
    for last in range(len(result) - 1, 0, -1):
        other = int(random.random() * (last + 1))
        result[last], result[other] = result[other], result[last]
    return result


class Wheel(Generic[Item]):
    """Draws items by weight."""

    __slots__ = ("_items", "_steps")

    def __init__(self, weights: Mapping[Item, float]) -> None:
        self._items = tuple(weights)
        self._steps = tuple(accumulate(weights.values()))

    def spin(self, random: Random) -> Item:
        """One of the items, each as likely as its weight says."""
        place = bisect_right(self._steps, random.random() * self._steps[-1])
        return self._items[min(place, len(self._items) - 1)]


def waiting(random: Random, rate: float) -> float:
    """An exponential waiting time of mean 1 / `rate`."""
    return -math.log(1.0 - random.random()) / rate


def _normal(random: Random) -> float:
    """A standard normal number, by the polar method of Marsaglia."""
    while True:
        x = 2.0 * random.random() - 1.0
        y = 2.0 * random.random() - 1.0
        square = x * x + y * y
        if 0.0 < square < 1.0:
            return x * math.sqrt(-2.0 * math.log(square) / square)


def gamma(random: Random, shape: float) -> float:
    """A gamma number of scale 1, by Marsaglia and Tsang (2000)."""
    if shape < 1.0:
        return gamma(random, shape + 1.0) * math.pow(1.0 - random.random(), 1.0 / shape)
    d = shape - 1.0 / 3.0
    c = 1.0 / math.sqrt(9.0 * d)
    while True:
        x = _normal(random)
        v = (1.0 + c * x) ** 3
        if v > 0.0 and math.log(1.0 - random.random()) < 0.5 * x * x + d - d * v + d * math.log(v):
            return d * v


def beta(random: Random, a: float, b: float) -> float:
    """A beta number, as a share of two gamma numbers."""
    x = gamma(random, a)
    return x / (x + gamma(random, b))


def log_series(random: Random, theta: float) -> int:
    """A whole number from 1 of the logarithmic distribution, by inversion."""
    left = random.random()
    chance = -theta / math.log(1.0 - theta)
    number = 1
    while left > chance:
        left -= chance
        chance *= theta * number / (number + 1)
        number += 1
    return number


def log_series_mean(theta: float) -> float:
    """The mean of `log_series`."""
    return -theta / ((1.0 - theta) * math.log(1.0 - theta))
