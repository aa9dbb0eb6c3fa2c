"""Two runs beside each other."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from tillhand_cli.bench.report import Report, RouteFigures


@dataclass(frozen=True, slots=True)
class Change:
    """What became of one figure of one kind of request; `change` is relative to before, absent without a before."""

    kind: str
    label: str
    figure: str
    before: float | None
    now: float | None
    change: float | None


@dataclass(frozen=True, slots=True)
class Comparison:
    """All changes, and the conditions that were not the same, which may be what changed the figures."""

    changes: list[Change]
    unlike: dict[str, tuple[Any, Any]]

    def as_json(self) -> dict[str, object]:
        """The comparison as `--json` shows it."""
        unlike = {name: {"before": before, "now": now} for name, (before, now) in self.unlike.items()}
        return {"changes": [asdict(change) for change in self.changes], "unlike": unlike}


FIGURES = ("p50_ms", "p95_ms", "p99_ms", "throughput_per_s")


def compare(before: Report, now: Report) -> Comparison:
    """The change of every figure of every kind of request that is in both."""
    earlier = {figures.kind: figures for figures in before.routes}
    changes = [
        _change(figures, earlier[figures.kind], name)
        for figures in now.routes
        if figures.kind in earlier
        for name in FIGURES
    ]
    then, present = before.conditions.model_dump(), now.conditions.model_dump()
    return Comparison(changes, {name: (then[name], present[name]) for name in present if then[name] != present[name]})


def _change(now: RouteFigures, before: RouteFigures, name: str) -> Change:
    was, is_now = getattr(before, name), getattr(now, name)
    relative = None if not was or is_now is None else round(is_now / was - 1, 4)
    return Change(now.kind, now.label, name, was, is_now, relative)
