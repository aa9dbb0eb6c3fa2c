"""Who buys when: every customer is a BG/NBD process, and new ones take the baskets that nobody came back for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from heapq import heapify, heappop, heappush
from random import Random
from typing import Final

from tillhand_mockshop.dice import Wheel, beta, dice, gamma, shuffled, waiting
from tillhand_mockshop.known import Loyalty

POPULATION: Final = Loyalty(r=0.9, alpha=40.0, a=0.9, b=3.2)
_KNOWN_BEFORE: Final = 29
_AROUND: Final = 14
_HOME: Final = Wheel({"web": 0.76, "pos": 0.14, "marketplace": 0.10})


@dataclass(slots=True)
class Habit:
    """How a customer buys: a rate a day, a chance to leave after a repeat purchase, and the channel of habit."""

    purchases_per_day: float
    dropout: float
    channel: str
    active: bool = True


@dataclass(slots=True)
class Custom:
    """All habits, and who buys on each day, by place among the habits. The first `known_before` came before."""

    habits: list[Habit]
    known_before: int
    buyers: list[list[int]] = field(default_factory=list)
    known_by_day: list[int] = field(default_factory=list)


def _habit(random: Random) -> Habit:
    rate = gamma(random, POPULATION.r) / POPULATION.alpha
    return Habit(max(rate, 1e-6), beta(random, POPULATION.a, POPULATION.b), _HOME.spin(random))


def _paces(baskets: Sequence[int]) -> list[float]:
    """When each day begins and the last one ends, on a clock that runs faster in busy weeks and keeps the mean day."""
    mean = max(sum(baskets) / max(len(baskets), 1), 1e-9)
    clock = [0.0]
    for day in range(len(baskets)):
        around = baskets[max(day - _AROUND, 0) : day + _AROUND + 1]
        clock.append(clock[-1] + sum(around) / len(around) / mean)
    return clock


def _day(
    random: Random, custom: Custom, due: list[tuple[float, int]], day: tuple[float, float], baskets: int
) -> list[int]:
    """The buyers of a day from its beginning to its end: those who are due, and new ones for the rest."""
    start, end = day
    habits = custom.habits
    buyers: list[int] = []
    while len(buyers) < baskets and due[0][0] < end:
        moment, place = heappop(due)
        buyers.append(place)
        habit = habits[place]
        if random.random() < habit.dropout:
            habit.active = False
        else:
            heappush(due, (max(moment, start) + waiting(random, habit.purchases_per_day), place))
    while len(buyers) < baskets:
        habit = _habit(random)
        heappush(due, (start + (end - start) * random.random() + waiting(random, habit.purchases_per_day), len(habits)))
        buyers.append(len(habits))
        habits.append(habit)
    return shuffled(random, buyers)


def custom(seed: int, baskets: Sequence[int]) -> Custom:
    """The buyers of each day, for so many baskets a day."""
    random = dice(seed, "loyalty")
    before = max(_KNOWN_BEFORE * sum(baskets) // max(len(baskets), 1), 1)
    result = Custom([_habit(random) for _ in range(before)], before)
    due = [(waiting(random, habit.purchases_per_day), place) for place, habit in enumerate(result.habits)]
    due.append((float("inf"), -1))  # so that there is always somebody to look at
    heapify(due)
    paces = _paces(baskets)
    for day, number in enumerate(baskets):
        result.known_by_day.append(len(result.habits))
        result.buyers.append(_day(random, result, due, (paces[day], paces[day + 1]), number))
    return result
