"""What the status board makes of what it finds: green is what was measured and is good, unknown what nobody knows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal

Light = Literal["good", "warn", "bad", "unknown"]
WORDS: Final[dict[Light, str]] = {"good": "Good", "warn": "Needs a look", "bad": "Failing", "unknown": "Unknown"}
_WORST_FIRST: Final[tuple[Light, ...]] = ("bad", "warn", "unknown")

READY: Final[dict[str, Light]] = {"ready": "good", "degraded": "warn", "not-ready": "bad", "draining": "warn"}
CHECKS: Final[dict[str, Light]] = {"ok": "good", "degraded": "warn", "failed": "bad", "pending": "unknown"}
CONNECTORS: Final[dict[str, Light]] = {"live": "good", "mock": "good", "blocked": "warn", "degraded": "bad"}
OBJECTIVES: Final[dict[str, Light]] = {"met": "good", "at_risk": "warn", "burning": "bad", "missed": "bad"}


@dataclass(frozen=True, slots=True)
class Criterion:
    """One thing that is measured. `reason` says why it is not good, `remedy` what to do."""

    title: str
    light: Light
    state: str
    reason: str = ""
    remedy: str = ""
    mode: str = ""
    """Whether what is behind it is live or a mock; empty where that is no question."""


def worst(lights: Iterable[Light]) -> Light:
    """The light over several: good only where each is, and unknown where there is none to see."""
    seen = set(lights)
    if not seen:
        return "unknown"
    return next((light for light in _WORST_FIRST if light in seen), "good")


def summary(criteria: Iterable[Criterion]) -> str:
    """How many are not good, in words."""
    counted = [criterion.light for criterion in criteria]
    if not counted:
        return "nothing is measured"
    told = [
        f"{counted.count(light)} {word}"
        for light, word in (("bad", "failing"), ("warn", "to look at"), ("unknown", "unknown"))
        if light in counted
    ]
    return ", ".join(told) or f"all {len(counted)} good"
