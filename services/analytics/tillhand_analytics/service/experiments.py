"""What experiments show, and how much they need; of what the caller gives, and of no source."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Generic, TypeVar

from tillhand_analytics.domain.experiments.arms import Arm
from tillhand_analytics.domain.experiments.plan import Baseline, Plan, plan
from tillhand_analytics.domain.experiments.readout import Readout, Terms, read_out
from tillhand_analytics.domain.provenance import Method
from tillhand_common.clock import Clock

T = TypeVar("T")
_READ: Final = Method("experiments-mixture-sprt")
_PLANNED: Final = Method("experiments-plan")


@dataclass(frozen=True, slots=True)
class Given(Generic[T]):
    """A value that rests on the request alone: its digest, how it was calculated, and when."""

    value: T
    digest: str
    method: Method
    computed_at: datetime


class Experiments:
    """Reads experiments and plans them. Both raise `BadFigure` naming the field of the body that is wrong."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def read(self, arms: Sequence[Arm], terms: Terms, asked: Mapping[str, object]) -> Given[Readout]:
        """The verdict on the arms; `asked` is the request as it was read."""
        return Given(read_out(arms, terms), _digest(asked), _READ, self._clock.now())

    def plan(
        self,
        baseline: Baseline,
        minimal_lift: float,
        asked: Mapping[str, object],
        *,
        arms: int,
        alpha: float,
        power: float,
        visitors_per_day: float | None,
    ) -> Given[Plan]:
        """The visitors that an experiment needs."""
        found = plan(baseline, minimal_lift, arms=arms, alpha=alpha, power=power, visitors_per_day=visitors_per_day)
        return Given(found, _digest(asked), _PLANNED, self._clock.now())


def _digest(asked: Mapping[str, object]) -> str:
    written = json.dumps(asked, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(written.encode()).hexdigest()
