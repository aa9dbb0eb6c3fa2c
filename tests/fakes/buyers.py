"""Buyers whose habits are known: a BG/NBD population at work, day by day."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tillhand_analytics.domain.customers.bgnbd import BgNbd
from tillhand_analytics.domain.customers.purchases import Histories
from tillhand_analytics.domain.records import Bools, Floats, Ints


@dataclass(frozen=True)
class Buyers:
    """What they did until now, what they will do within `ahead`, and who is still there now."""

    known: Histories
    later: Ints
    alive: Bools


def buyers(population: BgNbd, number: int, *, age: float, ahead: float, seed: int) -> Buyers:
    """So many customers of ages up to `age`, from a generator that knows nothing of the model's formulas."""
    random = np.random.default_rng(seed)
    rates = random.gamma(population.r, 1 / population.alpha, number)
    leaving = random.beta(population.a, population.b, number)
    ages = np.ceil(random.uniform(0, age, number))
    rows = [_life(random, *each, ahead) for each in zip(rates, leaving, ages, strict=True)]
    frequency, recency, later, alive = (np.array(column) for column in zip(*rows, strict=True))
    known = Histories(np.arange(number), frequency, recency.astype(np.float64), ages, np.full(number, np.nan))
    return Buyers(known, later, alive)


def _life(
    random: np.random.Generator, rate: float, leaving: float, age: float, ahead: float
) -> tuple[int, float, int, bool]:
    now, frequency, recency, later, alive = 0.0, 0, 0.0, 0, True
    while (now := now + random.exponential(1 / max(rate, 1e-9))) <= age + ahead:
        gone = random.random() < leaving
        if now <= age:
            frequency, recency, alive = frequency + 1, now, not gone
        else:
            later += 1
        if gone:
            break
    return frequency, recency, later, alive


def spending(known: Histories, p: float, q: float, v: float, *, seed: int) -> Floats:
    """Means of repeat purchases of a Gamma-Gamma population; NaN for who did not come back."""
    random = np.random.default_rng(seed)
    own = random.gamma(q, 1 / v, len(known))
    shape = np.maximum(p * known.frequency, 1e-9)
    means = random.gamma(shape, 1 / own) / np.maximum(known.frequency, 1)
    return np.where(known.frequency > 0, means, np.nan)
