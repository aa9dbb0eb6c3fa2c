"""Models of a shop's customers, how they did when it could be seen, and what to go by."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from tillhand_analytics.domain.customers.cohorts import known_from
from tillhand_analytics.domain.customers.holdout import Holdout, Winner, holdout
from tillhand_analytics.domain.customers.lifetime import Horizon, Population, Worth, fit, own_rate
from tillhand_analytics.domain.customers.maximum import TooFew
from tillhand_analytics.domain.customers.purchases import Histories, Purchases, histories


@dataclass(frozen=True, slots=True)
class Outlook:
    """What is known of the customers on `last_day`, in days, and the models of it.

    There is no `population` where too few came back, and no `held` where too few had by the day from which on the
    models were to foretell; `missing` says so. Customers whose first purchase lies before `known_from` may be older.
    """

    last_day: np.datetime64
    known_from: np.datetime64
    bought: Purchases
    known: Histories
    population: Population | None
    held: Holdout | None
    missing: tuple[str, ...]

    @property
    def preferred(self) -> Winner:
        """What to go by: the model only where it is there, can be trusted, and has beaten the naive rate."""
        return "naive" if self.population is None or any(self.doubts()) else "model"

    def doubts(self) -> Iterator[str]:
        """Why not to go by the model, one reason each; nothing where it is preferred."""
        yield from self.missing
        if self.population is not None:
            yield from self.population.buying.maximum.boundary
        if self.held is not None and self.held.preferred == "naive":
            yield from self._lost(self.held)

    def notes(self) -> Iterator[str]:
        """What else to know of the model of money: it does no harm there, but tells less than it seems to."""
        if self.population is None:
            return
        money = self.population.money
        yield from money.maximum.boundary
        if not money.independent:
            yield f"who buys more often pays otherwise: their rank correlation is {money.rank_correlation:.2f}"

    def _lost(self, held: Holdout) -> Iterator[str]:
        if not held.purchases.won:
            yield "in the holdout the naive rate was as close to the number of purchases"
        if not held.value_minor.won:
            yield "in the holdout the naive rate was as close to their value"
        yield from (f"in the holdout: {reason}" for reason in held.population.buying.maximum.boundary)


@dataclass(frozen=True, slots=True)
class Prospects:
    """What each customer of an outlook may bring: by the model, NaN where there is none, and by the naive rate."""

    outlook: Outlook
    alive: np.ndarray[tuple[int], np.dtype[np.float64]]
    model: Worth
    naive: Worth

    @property
    def preferred(self) -> Worth:
        """What to go by."""
        return self.model if self.outlook.preferred == "model" else self.naive


def outlook(bought: Purchases, first_day: np.datetime64, last_day: np.datetime64, holdout_days: int) -> Outlook:
    """Models fitted up to `last_day`, and tried on its last `holdout_days` with what was known before them."""
    bought = bought.until(last_day)
    known = histories(bought, last_day)
    population: Population | None = None
    held: Holdout | None = None
    missing = []
    try:
        population = fit(known)
        held = holdout(bought, last_day - np.timedelta64(holdout_days, "D"), last_day, near=population)
    except TooFew as few:
        missing.append(str(few) if population is None else f"no holdout of {holdout_days} days: {few}")
    return Outlook(last_day, known_from(bought, first_day), bought, known, population, held, tuple(missing))


def prospects(found: Outlook, horizon: Horizon) -> Prospects:
    """What the customers may bring within a horizon."""
    naive = own_rate(found.known, horizon)
    if found.population is None:
        nothing = np.full(len(found.known), np.nan)
        return Prospects(found, nothing, Worth(nothing, nothing, nothing), naive)
    alive = found.population.buying.model.probability_alive(found.known)
    return Prospects(found, alive, found.population.worth(found.known, horizon), naive)
