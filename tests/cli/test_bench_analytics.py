"""`tillhand bench analytics` as a person at a terminal uses it."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from pathlib import Path

from typer.testing import CliRunner

from tillhand_cli.__main__ import app
from tillhand_cli.bench.analytics import ANEW, KNOWN, ROUTES, Plan
from tillhand_common.testing import FakeUpstream, Reply

SLOS = """
version: 1
service: analytics
window_days: 28
objectives:
- {id: served, description: It is served., target: 0.999, indicator: {kind: availability}}
- {id: quick, description: It is quick., route: GET /v1/sales/kpis, target: 0.95,
   indicator: {kind: latency, threshold_ms: 30000}}
"""


def test_every_figure_is_asked_for_as_it_is_known_and_anew_and_a_seed_decides_the_order() -> None:
    requests = Plan(1).mix(150)
    assert Counter(each.kind.id for each in requests) == {
        **{each.id: 20 for each in KNOWN},
        **{each.id: 10 for each in ANEW},
    }
    assert {each.kind.id for each in requests if each.headers == {"cache-control": "no-cache"}} == {
        each.id for each in ANEW
    }
    assert [each.kind.id for each in Plan(1).mix(50)] == [each.kind.id for each in Plan(1).mix(50)]
    assert [each.kind.id for each in Plan(1).mix(50)] != [each.kind.id for each in Plan(2).mix(50)]


async def test_a_run_keeps_the_95th_percentiles_beside_a_calibration(tmp_path: Path) -> None:
    (tmp_path / "analytics.yaml").write_text(SLOS)
    async with FakeUpstream.start(Reply.json({"items": []})) as upstream:
        ended = await invoke(
            "bench",
            "analytics",
            *("--url", upstream.base_url, "--slos", str(tmp_path), "--report", str(tmp_path / "report")),
            *("--requests", "45", "--warmup", "0", "--json"),
        )
        asked = Counter(request.target for request in upstream.requests)
    found = json.loads(ended)
    assert found["service"] == "analytics"
    assert found["calibration_ms"] > 0
    assert {each["verdict"] for each in found["objectives"]} == {"met"}
    assert asked.keys() == {path for _, path in ROUTES}
    lines = (tmp_path / "report" / "p95.txt").read_text()
    assert lines.count("x the calibration") == 2
    assert "analytics cached: p95" in lines
    assert "analytics recomputed: p95" in lines


async def invoke(*arguments: str) -> str:
    """The command's output, from a thread: the service that it asks runs in this loop."""
    ended = await asyncio.to_thread(CliRunner().invoke, app, arguments)
    assert ended.exit_code == 0, ended.output
    return ended.stdout
