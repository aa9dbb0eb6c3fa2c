"""What a load run is told."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Settings:
    """Whom to ask, what, how often and how fast. Without a rate it is a closed loop."""

    url: str
    key: str | None
    collection: str
    requests: int
    concurrency: int
    limit_s: float
    rate_per_s: float | None
    warm_up: int
    seed: int
    uploads: bool


@dataclass(frozen=True, slots=True)
class Files:
    """What is read before a run (`earlier` is a report to compare with), and the folder of its report."""

    goldens: Path | None
    slos: Path
    report: Path | None
    earlier: Path | None
