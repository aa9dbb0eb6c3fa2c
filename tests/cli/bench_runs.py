"""Load runs that never happened, for the tests of what is made of one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from tillhand_cli.bench.load import Measured, Tally
from tillhand_cli.bench.plan import Kind
from tillhand_cli.bench.report import Conditions, Report, figures
from tillhand_common.slos import Latency, Objective

CONDITIONS = Conditions(
    collection="default",
    loop="closed",
    rate_per_s=None,
    concurrency=4,
    requests=100,
    uploads=False,
    cores=2,
    machine="a machine",
)


def latency(route: str = "POST /v1/search", threshold_ms: float = 100) -> Objective:
    """95 % of a route's requests within the threshold."""
    return Objective(
        id="latency",
        description="It comes back quickly.",
        route=route,
        indicator=Latency(kind="latency", threshold_ms=threshold_ms),
        target=0.95,
    )


def measured(
    times_ms: Mapping[Kind, Sequence[float]],
    *,
    failures: Mapping[Kind, Mapping[str, int]] | None = None,
    elapsed_s: float = 1.0,
) -> Measured:
    """A run in which the kinds took these times."""
    failed = failures or {}
    tallies = {kind: Tally(list(times), Counter(failed.get(kind, {}))) for kind, times in times_ms.items()}
    return Measured(tallies, unsent=0, elapsed_s=elapsed_s, held_s=0.0, busy=0.1)


def report(run: Measured, conditions: Conditions = CONDITIONS) -> Report:
    """The report of such a run, without objectives."""
    return Report(
        service="rag",
        started_at=datetime(2026, 1, 1, tzinfo=UTC),
        url="http://127.0.0.1:8001",
        seed=1,
        conditions=conditions,
        warm_up=0,
        unsent=0,
        elapsed_s=run.elapsed_s,
        held_s=0.0,
        client_busy=0.1,
        load_before=None,
        routes=figures(run),
        objectives=[],
    )
