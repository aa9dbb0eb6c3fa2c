"""Everything at once for a while: every follower has every record once and in order, and the checker would tell."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

import pytest

from tests.cli.shell import WITHOUT_ENV_FILE
from tillhand_cli.soak.checking import Received, quantile
from tillhand_cli.soak.figures import drift, failures
from tillhand_cli.soak.followers import Follower, Tally
from tillhand_cli.soak.service import HEARTBEAT_S

MINUTES: Final = float(os.environ.get("TILLHAND_SOAK_MINUTES", "0.4"))
WITHIN_S: Final = 60 * MINUTES + 180


@asynccontextmanager
async def soaking(*words: str) -> AsyncIterator[asyncio.subprocess.Process]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tillhand_cli", "soak", "approvals", *words),
        stdout=asyncio.subprocess.PIPE,
        env=WITHOUT_ENV_FILE,
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.terminate()
            await process.wait()


@pytest.mark.timeout(WITHIN_S + 30)
async def test_kills_a_restart_and_one_who_reads_nothing(tmp_path: Path) -> None:
    log = tmp_path / "soak.log"
    words = ("--minutes", str(MINUTES), "--clients", "60", "--log", str(log), "--json")
    async with asyncio.timeout(WITHIN_S), soaking(*words) as process:
        out, _ = await process.communicate()
    figures = json.loads(out)
    wrong = {name: figures[name] for name in ("lost", "repeated", "disordered", "acknowledged_missing", "resets")}
    assert wrong == dict.fromkeys(wrong, 0)
    assert figures["chain_verified"]
    assert figures["stuck_client_cut"]
    assert (figures["clients"], figures["server_restarts"]) == (61, 1)
    assert figures["client_kills"]
    assert figures["acknowledged_after_restart"]
    assert figures["delivered"] >= figures["records"] * figures["clients"]
    assert process.returncode == (0 if figures["passed"] else 1)
    told = [json.loads(line) for line in log.read_text().splitlines()]
    steps = [each["event"] for each in told if each["event"] not in {"client_killed", "progress"}]
    assert steps == ["begun", "stuck_client_cut", "restarting", "restarted", "ended"]
    stuck = next(each for each in told if each["event"] == "stuck_client_cut")
    assert 0 < stuck["last"] < figures["records"]
    print(json.dumps(figures))  # noqa: T201  # for `make prove`


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_whoever_breaks_a_soak_off_leaves_no_service_behind(number: signal.Signals, tmp_path: Path) -> None:
    log = tmp_path / "soak.log"
    os.mkfifo(log)
    async with asyncio.timeout(60), soaking("--clients", "2", "--log", str(log)) as process:
        first = json.loads(await asyncio.to_thread(first_line, log))
        process.send_signal(number)
        assert await process.wait() == 130
    with pytest.raises(ProcessLookupError):
        os.kill(first["pid"], 0)


def first_line(path: Path) -> str:
    with path.open() as lines:
        return lines.readline()


async def test_a_log_that_cannot_be_written_is_told_before_anything_starts(tmp_path: Path) -> None:
    async with asyncio.timeout(60), soaking("--log", str(tmp_path / "no" / "soak.log")) as process:
        assert await process.wait() == 2


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


def frame(number: int) -> bytes:
    return b"id: %d\nevent: note.added\ndata: {}\n\n" % number


HEAD: Final = b"HTTP/1.1 200 OK\r\n\r\nretry: 2000\n\n"
HALF: Final = b"id: 3\nevent: no"


@asynccontextmanager
async def feed(*answers: bytes) -> AsyncIterator[tuple[str, asyncio.Queue[bytes]]]:
    """Gives one connection after the other its answer and hangs up; what they asked is in the queue."""
    asked: asyncio.Queue[bytes] = asyncio.Queue()
    left = iter(answers)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await asked.put(await reader.readuntil(b"\r\n\r\n"))
        writer.write(next(left, b"HTTP/1.1 503 Later\r\n\r\n"))
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", asked


def follower(url: str, tally: Tally) -> Follower:
    return Follower(url, "key", 0, tally, times=False)


async def test_a_follower_comes_back_after_the_last_record_that_it_has_whole() -> None:
    beat, gone = b"event: heartbeat\ndata: {}\n\n", b"event: farewell\ndata: {}\n\n"
    tally = Tally()
    async with feed(HEAD + frame(1) + beat + frame(2) + HALF, HEAD + frame(3) + gone) as (url, asked):
        one = follower(url, tally)
        running = asyncio.create_task(one.run())
        async with asyncio.timeout(10):
            requests = [await asked.get() for _ in range(3)]
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
    assert [each.split(b"Last-Event-ID: ")[1].split()[0] for each in requests] == [b"0", b"2", b"3"]
    assert (one.received.count, one.received.lost(3), one.received.repeated) == (3, 0, 0)
    assert tally.heartbeats == 1
    assert not one.kill()


async def is_cut(answer: bool) -> bool:
    return answer


async def test_who_reads_nothing_has_what_had_reached_it_and_goes_on_from_there() -> None:
    async with feed(HEAD + frame(1) + frame(2) + HALF, HEAD) as (url, _):
        one = follower(url, Tally())
        assert await one.stall(is_cut(True))
        assert (one.received.last, one.received.lost(2)) == (2, 0)
        assert not await one.stall(is_cut(False))


GOOD: Final[dict[str, Any]] = {
    "lost": 0,
    "repeated": 0,
    "disordered": 0,
    "acknowledged_missing": 0,
    "resets": 0,
    "records": 9,
    "acknowledged_after_restart": 4,
    "chain_verified": True,
    "stuck_client_cut": True,
    "longest_silence_s": HEARTBEAT_S,
    "rss_end_mb": 200.0,
    "rss_drift_percent": 4.9,
}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("lost", 1),
        ("repeated", 1),
        ("disordered", 1),
        ("acknowledged_missing", 1),
        ("resets", 1),
        ("records", 0),
        ("acknowledged_after_restart", 0),
        ("chain_verified", False),
        ("stuck_client_cut", False),
        ("longest_silence_s", 2 * HEARTBEAT_S + 0.1),
        ("rss_drift_percent", 5.1),
    ],
)
def test_a_soak_passes_only_where_everything_holds(name: str, value: object) -> None:
    assert failures(GOOD, 10) == []
    assert failures(GOOD | {name: value}, 10) == [name]


def test_the_drift_of_a_short_run_decides_nothing_and_memory_that_nobody_could_read_fails_a_long_one() -> None:
    assert failures(GOOD | {"rss_drift_percent": 50.0}, 1) == []
    assert failures(GOOD | {"rss_end_mb": 0.0}, 10) == ["rss_drift_percent"]


def test_drift_is_from_the_second_tenth_after_the_restart_to_the_last() -> None:
    before = [(float(at), 999.0) for at in range(10)]
    warm, second, rest, last = [150.0] * 10, [200.0] * 10, [205.0] * 70, [210.0] * 10
    after = [(10.0 + at, mb) for at, mb in enumerate([*warm, *second, *rest, *last])]
    assert drift(before + after, 10.0) == {"rss_start_mb": 200.0, "rss_end_mb": 210.0, "rss_drift_percent": 5.0}
    assert drift(before, 10.0) == {"rss_start_mb": 0.0, "rss_end_mb": 0.0, "rss_drift_percent": 0.0}


def test_a_quantile_is_one_of_the_values() -> None:
    assert [quantile([3.0, 1.0, 2.0], share) for share in (0.0, 0.5, 0.99)] == [1.0, 2.0, 3.0]
    assert quantile([], 0.5) == 0.0
