"""Everything at once for a minute: every follower has every record once and in order, and the checker would tell."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from pathlib import Path
from typing import Final

import pytest

from tests.cli.shell import WITHOUT_ENV_FILE
from tillhand_cli.soak.checking import Received, quantile
from tillhand_cli.soak.run import HEARTBEAT_S, _passed

MINUTES: Final = float(os.environ.get("TILLHAND_SOAK_MINUTES", "1"))
WITHIN_S: Final = 60 * MINUTES + 180


@pytest.mark.timeout(WITHIN_S + 30)
async def test_a_minute_of_kills_a_restart_and_one_who_reads_nothing(tmp_path: Path) -> None:
    log = tmp_path / "soak.log"
    words = ("soak", "approvals", "--minutes", str(MINUTES), "--clients", "60", "--log", str(log), "--json")
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tillhand_cli", *words), stdout=asyncio.subprocess.PIPE, env=WITHOUT_ENV_FILE
    )
    try:
        async with asyncio.timeout(WITHIN_S):
            out, _ = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
    figures = json.loads(out)
    wrong = {name: figures[name] for name in ("lost", "repeated", "disordered", "acknowledged_missing", "resets")}
    assert wrong == dict.fromkeys(wrong, 0)
    assert figures["chain_verified"]
    assert figures["stuck_client_cut"]
    assert (figures["clients"], figures["server_restarts"]) == (61, 1)
    assert figures["client_kills"]
    assert figures["delivered"] == figures["records"] * figures["clients"]
    events = [json.loads(line)["event"] for line in log.read_text().splitlines()]
    assert events == ["begun", "stuck_client_cut", "restarting", "restarted", "ended"]
    print(json.dumps(figures))  # noqa: T201  # for `make prove`


def received(*numbers: int, after: int = 0) -> Received:
    made = Received(after)
    for number in numbers:
        made.take(number)
    return made


def test_what_is_lost_repeated_or_out_of_order_is_counted() -> None:
    whole = received(4, 5, 6, after=3)
    assert (whole.lost(6), whole.repeated, whole.disordered) == (0, 0, 0)
    assert whole.lost(8) == 2
    gap = received(1, 3, 4)
    assert (gap.lost(4), gap.repeated, gap.disordered) == (1, 0, 0)
    twice = received(1, 2, 2, 1)
    assert (twice.lost(2), twice.repeated, twice.disordered) == (0, 2, 0)
    swapped = received(1, 3, 2, 4)
    assert (swapped.lost(4), swapped.repeated, swapped.disordered) == (0, 0, 1)


GOOD: Final = {
    "lost": 0,
    "repeated": 0,
    "disordered": 0,
    "acknowledged_missing": 0,
    "resets": 0,
    "records": 9,
    "chain_verified": True,
    "stuck_client_cut": True,
    "longest_silence_s": HEARTBEAT_S,
}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("lost", 1),
        ("repeated", 1),
        ("disordered", 1),
        ("acknowledged_missing", 1),
        ("records", 0),
        ("chain_verified", False),
        ("stuck_client_cut", False),
        ("longest_silence_s", 2 * HEARTBEAT_S + 0.1),
    ],
)
def test_a_soak_passes_only_where_everything_holds(name: str, value: object) -> None:
    assert _passed(GOOD)
    assert not _passed(GOOD | {name: value})


def test_a_quantile_is_one_of_the_values() -> None:
    assert [quantile([3.0, 1.0, 2.0], share) for share in (0.0, 0.5, 0.99)] == [1.0, 2.0, 3.0]
    assert quantile([], 0.5) == 0.0
