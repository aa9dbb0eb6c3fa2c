"""BG/NBD: how often customers buy while they stay, and when they have left.

Fader, Hardie and Lee (2005), "Counting Your Customers" the Easy Way, Marketing Science 24(2): purchases come at a
customer's own rate, which is gamma over customers (shape r, rate alpha); after each repeat purchase the customer leaves
with a chance of his own, which is beta over customers (a, b).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.special import betaincinv, expit, hyp2f1

from tillhand_analytics.domain.customers.purchases import Histories
from tillhand_analytics.domain.records import Floats, Ints

_POLE: Final = 1e-5
_NUDGE: Final = 1e-4
_QUANTILES: Final = 160


@dataclass(frozen=True, slots=True)
class BgNbd:
    """A population of customers; `alpha` is in the unit of time of the histories."""

    r: float
    alpha: float
    a: float
    b: float

    def probability_alive(self, known: Histories) -> Floats:
        """The chance that each customer has not left yet: 1 for who bought once, for nobody leaves before a repeat."""
        odds: Floats = expit(-self._log_odds_of_gone(known))
        return odds

    def expected_purchases(self, known: Histories, times: Floats | float) -> Floats:
        """Purchases that each customer will make within `times` from now: customers by times (10 of the paper).

        Only `frequency` and `age` decide on what is costly, so that equal ones are calculated once.
        """
        pairs, at = np.unique(np.stack([known.frequency, known.age]), axis=1, return_inverse=True)
        ahead = np.atleast_1d(np.asarray(times, np.float64))
        growth = self._growth(pairs[0][:, None], pairs[1][:, None], ahead)
        expected: Floats = growth[at.ravel()] * self.probability_alive(known)[:, None]
        return expected

    def expected_after(self, ages: Floats) -> Floats:
        """Repeat purchases of a customer of whom nothing is known, by the time since the first purchase (9)."""
        growth: Floats = self._growth(np.zeros(1), np.zeros(1), ages)
        return growth

    def _log_odds_of_gone(self, known: Histories) -> Floats:
        x = known.frequency
        before = np.log(self.alpha + known.age) - np.log(self.alpha + known.recency)
        gone = np.log(self.a) - np.log(self.b + np.maximum(x, 1) - 1) + (self.r + x) * before
        return np.where(x > 0, gone, -np.inf)

    def _growth(self, x: Ints | Floats, age: Floats, ahead: Floats) -> Floats:
        """Expected purchases of those who are still there, with a = 1 and a + b + x = 1 gone around.

        The function is smooth there while its terms are not: the mean of both sides is right to the eighth digit.
        """
        if abs(self.a - 1) > _POLE and abs(self.a + self.b - 1) > _POLE:
            return self._growth_at(self.a, x, age, ahead)
        sides = [self._growth_at(self.a + each, x, age, ahead) for each in (-_NUDGE, _NUDGE)]
        return (sides[0] + sides[1]) / 2

    def _growth_at(self, a: float, x: Ints | Floats, age: Floats, ahead: Floats) -> Floats:
        """The paper's 2F1 after Euler's transformation, which keeps large frequencies out of its first arguments."""
        z = ahead / (self.alpha + age + ahead)
        c = a + self.b + x - 1
        with np.errstate(over="ignore", invalid="ignore"):
            series = hyp2f1(a + self.b - 1 - self.r, a - 1, c, z)
            growth: Floats = c / (a - 1) * (1 - (1 - z) ** (a - 1) * series)
        lost = ~np.isfinite(growth)
        if lost.any():
            parts = (np.broadcast_to(each, growth.shape)[lost].astype(np.float64) for each in (x, age, ahead))
            growth[lost] = self._growth_by_mean(*parts)
        return growth

    def _growth_by_mean(self, x: Floats, age: Floats, ahead: Floats) -> Floats:
        """The same as a mean over chances to leave, for arguments at which SciPy's 2F1 gives up.

        Who is still there leaves with a chance that is beta (a, b + x), and buys at a rate that is gamma (r + x,
        alpha + age); the mean over rates is closed, that over chances is taken at 160 quantiles (Gauss and Legendre).
        """
        places, weights = np.polynomial.legendre.leggauss(_QUANTILES)
        place = (places + 1) / 2  # its fourth power is the quantile: small chances matter most, and fall like a root
        chance = np.maximum(betaincinv(self.a, self.b + x[:, None], place**4), 1e-300)
        stays = -np.expm1(-(self.r + x[:, None]) * np.log1p(chance * (ahead / (self.alpha + age))[:, None]))
        mean: Floats = (stays / chance) @ (weights * 2 * place**3)
        return mean
