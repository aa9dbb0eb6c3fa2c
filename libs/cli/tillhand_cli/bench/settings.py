"""What a load run is told."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Settings:
    """Whom to ask, what, how often and how fast. Without a rate it is a closed loop."""

    service: str
    url: str
    key: str | None
    requests: int
    concurrency: int
    limit_s: float
    rate_per_s: float | None
    warm_up: int
    seed: int
    collection: str = ""
    uploads: bool = False


@dataclass(frozen=True, slots=True)
class Files:
    """What is read before a run (`earlier` is a report to compare with), and the folder of its report."""

    slos: Path
    report: Path | None
    earlier: Path | None
    goldens: Path | None = None
