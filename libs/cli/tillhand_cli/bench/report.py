"""The report of a load run: its shape, how it is made, kept and read again."""

from __future__ import annotations

import os
import platform
import tempfile
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from tillhand_cli.bench.load import Measured, Tally
from tillhand_cli.bench.plan import Kind
from tillhand_cli.bench.statistics import quantile
from tillhand_cli.errors import CommandError, ExitCode

LATEST: Final = "report.json"
LINES: Final = "p95.txt"
Verdict = Literal["met", "missed", "not measured"]


class _Shape(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Conditions(_Shape):
    """Under what a run was made. Only runs under the same ones can be compared."""

    collection: str
    loop: Literal["closed", "open"]
    rate_per_s: float | None
    concurrency: int
    requests: int
    uploads: bool
    cores: int
    machine: str


class RouteFigures(_Shape):
    """How one kind of request went. Times are of answers that succeeded; absent where there is none."""

    kind: str
    label: str
    route: str
    variant: str = ""
    count: int
    failures: dict[str, int]
    throttled: int
    p50_ms: float | None
    p95_ms: float | None
    p99_ms: float | None
    max_ms: float | None
    throughput_per_s: float

    @property
    def errors(self) -> int:
        """Requests without a successful answer, those put off by a 429 left out."""
        return sum(self.failures.values())


class ObjectiveResult(_Shape):
    """Whether an objective held. `measured` is a time in `ms`, that of the slowest kind of request, or a `share`."""

    id: str
    promise: str
    route: str | None
    kind: str | None
    measured: float | None
    unit: Literal["ms", "share"]
    verdict: Verdict


class Report(_Shape):
    """One run. `calibration_ms` is what this machine took for a fixed piece of work in the same run."""

    version: Literal[1] = 1
    service: str
    started_at: datetime
    url: str
    seed: int
    conditions: Conditions
    warm_up: int
    unsent: int
    elapsed_s: float
    held_s: float
    client_busy: float
    load_before: float | None
    calibration_ms: float | None = None
    routes: list[RouteFigures]
    objectives: list[ObjectiveResult]

    @property
    def missed(self) -> list[ObjectiveResult]:
        """The objectives that did not hold."""
        return [each for each in self.objectives if each.verdict == "missed"]

    @property
    def holds(self) -> bool:
        """Whether something was measured and no objective was missed."""
        return any(each.count for each in self.routes) and not self.missed


def cores() -> int:
    """Cores that a process here may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def machine() -> str:
    """The kind of machine, by what tells two of them apart and names nobody."""
    return f"{platform.system()} {platform.machine()}, Python {platform.python_version()}"


def load_average() -> float | None:
    """Processes that wanted a core in the last minute; None where the system does not say."""
    return round(os.getloadavg()[0], 2) if hasattr(os, "getloadavg") else None


def figures(measured: Measured) -> list[RouteFigures]:
    """The figures of every kind of request."""
    return [_figures(kind, tally, measured.elapsed_s) for kind, tally in measured.tallies.items()]


def _figures(kind: Kind, tally: Tally, elapsed_s: float) -> RouteFigures:
    ordered = sorted(tally.times_ms)

    def at(share: float) -> float | None:
        return round(quantile(ordered, share), 3) if ordered else None

    return RouteFigures(
        kind=kind.id,
        label=kind.label,
        route=kind.route,
        variant=kind.variant,
        count=len(ordered),
        failures=dict(sorted(tally.failures.items())),
        throttled=tally.throttled,
        p50_ms=at(0.5),
        p95_ms=at(0.95),
        p99_ms=at(0.99),
        max_ms=at(1.0),
        throughput_per_s=round(len(ordered) / elapsed_s, 3) if elapsed_s else 0.0,
    )


def make_folder(folder: Path) -> None:
    """See to it that a report can be kept there, before the run. Raises CommandError."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=folder).close()
    except OSError as error:
        raise CommandError(f"{folder} cannot be written: {error.strerror}.", code=ExitCode.USAGE) from error


def write_report(report: Report, folder: Path) -> list[Path]:
    """Keep the report under its time, and as the latest."""
    stamp = report.started_at.strftime("%Y%m%dT%H%M%S.") + f"{report.started_at.microsecond // 1000:03d}Z"
    paths = [folder / f"report-{stamp}.json", folder / LATEST]
    for path in paths:
        path.write_text(report.model_dump_json(indent=2) + "\n", encoding="utf-8")
    return paths


def write_lines(lines: Iterable[str], folder: Path) -> Path:
    """Keep the lines that say most, for whoever follows them from run to run."""
    path = folder / LINES
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return path


def read_report(path: Path) -> Report:
    """A report that was kept. Raises CommandError."""
    try:
        return Report.model_validate_json(path.read_bytes())
    except OSError as error:
        raise CommandError(f"{path} cannot be read: {error.strerror}.", code=ExitCode.USAGE) from error
    except ValidationError as error:
        raise CommandError(f"{path} is no report of a load run.", code=ExitCode.USAGE) from error
