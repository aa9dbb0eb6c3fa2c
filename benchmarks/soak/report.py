"""The result as text and as JSON."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict
from typing import Any

from benchmarks.soak.footprint import Footprint
from benchmarks.soak.run import PROMISED, Result


def table(result: Result) -> str:
    """The figures as text."""
    heads = ("requests", "per s", "service MB", "anonymous", "vectors MB", "files", "threads")
    lines = [f"{'':<18}" + "".join(f"{head:>12}" for head in heads)]
    lines += [
        _line(part.name, f"{part.requests}", f"{part.requests / part.seconds:.0f}", part.held) for part in result.parts
    ]
    lines += [_line("at rest, before", "", "", result.before), _line("at rest, after", "", "", result.after)]
    kinds = Counter[str]()
    for (kind, _), count in result.statuses.items():
        kinds[kind] += count
    lines += ["", "sent: " + ", ".join(f"{count} {kind}" for kind, count in kinds.most_common())]
    lines.append(
        "answered: " + ", ".join(f"{count} with {status}" for status, count in sorted(_by_status(result).items()))
    )
    lines += [f"not as it should be: {line}" for line in result.wrong]
    lines += [f"left behind: {line}" for line in result.left] or [
        "nothing is left behind: documents, jobs, streams as at the start"
    ]
    lines.append(
        f"resident memory grew by {result.growth_at_rest:+.1%} at rest, by {result.growth_at_work:+.1%} at work "
        f"(promised {PROMISED:.0%})"
    )
    return "\n".join(lines)


def as_json(result: Result) -> dict[str, Any]:
    """The figures for programs."""
    return {
        "parts": [asdict(part) for part in result.parts],
        "at_rest_before": asdict(result.before),
        "at_rest_after": asdict(result.after),
        "growth_at_rest": result.growth_at_rest,
        "growth_at_work": result.growth_at_work,
        "promised": PROMISED,
        "sent": {f"{kind} {status}": count for (kind, status), count in sorted(result.statuses.items())},
        "wrong": result.wrong,
        "left": result.left,
        "passed": result.passed,
    }


def _by_status(result: Result) -> Counter[int]:
    found = Counter[int]()
    for (_, status), count in result.statuses.items():
        found[status] += count
    return found


def _line(name: str, requests: str, rate: str, held: Footprint) -> str:
    figures = (held.service_mb, held.anonymous_mb, held.children_mb)
    counts = (held.descriptors, held.threads)
    return (
        f"{name:<18}{requests:>12}{rate:>12}"
        + "".join(f"{figure:>12.1f}" for figure in figures)
        + "".join(f"{count:>12}" for count in counts)
    )
