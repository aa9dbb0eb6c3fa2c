"""`tillhand bench rag` as a person at a terminal uses it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final, Literal

import pytest
from defusedxml.ElementTree import fromstring
from typer.testing import CliRunner

from tests.cli.shell import Ended, Shell
from tillhand_cli.__main__ import app
from tillhand_cli.api import open_api
from tillhand_cli.bench.plan import READING, UPLOAD
from tillhand_cli.errors import CommandError
from tillhand_common import keys
from tillhand_common.testing import FakeUpstream, Reply

GENEROUS: Final = 30_000
STRICT: Final = 1
SMALL: Final = ("--requests", "40", "--concurrency", "2")
EVERYTHING: Final = {"items": [{"id": "one", "title": "Returns"}], "hits": [], "answered": True}
"""An answer that does for every route that a run reads."""
FIRST: Final = 1 + 1
"""Requests before those that count: the list of documents, and the one question in the warm-up."""


class Slowly(asyncio.Event):
    """Holds an answer back for longer than the strictest objective allows."""

    async def wait(self) -> Literal[True]:
        await asyncio.sleep(STRICT * 5 / 1000)
        return True


@pytest.fixture
async def service() -> AsyncIterator[FakeUpstream]:
    async with FakeUpstream.start(Reply.json(EVERYTHING)) as upstream:
        yield upstream


def slos(folder: Path, threshold_ms: float = GENEROUS) -> str:
    """A folder of objectives: everything is served, and every route within the threshold."""
    routes = sorted({kind.route for kind in (*READING, UPLOAD)})
    timed = [
        f"- {{id: fast-{at}, description: It is fast., route: '{route}', target: 0.95, "
        f"indicator: {{kind: latency, threshold_ms: {threshold_ms}}}}}"
        for at, route in enumerate(routes)
    ]
    served = "- {id: served, description: It is served., target: 0.999, indicator: {kind: availability}}"
    (folder / "slos").mkdir(exist_ok=True)
    lines = ["version: 1", "service: rag", "window_days: 28", "objectives:", *timed, served]
    (folder / "slos" / "rag.yaml").write_text("\n".join(lines))
    return str(folder / "slos")


def goldens(folder: Path) -> str:
    """A file with one question to ask."""
    path = folder / "goldens.yaml"
    path.write_text('questions: [{question: "How long do I have to return an order?"}]\n')
    return str(path)


def run(*arguments: str) -> Ended:
    """The command in this process, as a service of this process cannot be asked without a thread."""
    done = CliRunner().invoke(app, ["bench", "rag", *SMALL, *arguments])
    if isinstance(done.exception, CommandError):
        return Ended(done.exception.code, done.stdout, done.stderr + done.exception.message)
    return Ended(done.exit_code, done.stdout, done.stderr)


async def measure(service: FakeUpstream, folder: Path, *arguments: str, threshold_ms: float = GENEROUS) -> Ended:
    """Measure the service, one question in the warm-up and nothing else."""
    given = ("--warmup", "0", "--goldens", goldens(folder), "--slos", slos(folder, threshold_ms))
    return await asyncio.to_thread(run, "--url", service.base_url, *given, *arguments)


async def test_a_run_counts_every_route_checks_the_objectives_and_keeps_a_report(shell: Shell, tmp_path: Path) -> None:
    await _put(shell, "Oil the wooden board once a month.")
    folder = tmp_path / "kept" / "reports"
    given = ("--slos", slos(tmp_path), "--report", str(folder), "--warmup", "5", "--json")
    ended = await shell.tillhand("bench", "rag", *SMALL, *given)
    assert ended.code == 0, ended.err
    counts = {route["label"]: (route["count"], route["failures"]) for route in ended.json["routes"]}
    assert counts == {
        "POST /v1/search (new question)": (12, {}),
        "POST /v1/search (asked before)": (8, {}),
        "POST /v1/answers": (10, {}),
        "GET /v1/documents": (4, {}),
        "GET /v1/documents/{document_id}/text": (6, {}),
    }
    assert ended.json["warm_up"] > 5, "the questions that are asked again come first"
    verdicts = {each["route"]: each["verdict"] for each in ended.json["objectives"]}
    assert verdicts.pop("POST /v1/documents") == "not measured"
    assert set(verdicts.values()) == {"met"}
    kept, latest = sorted(folder.glob("*.json"))
    assert [kept.name[:9], latest.name] == ["report-20", "report.json"]
    assert kept.read_bytes() == latest.read_bytes()
    assert json.loads(latest.read_text()).items() <= ended.json.items()
    assert counts.keys() <= {node.text for node in fromstring((folder / "latency.svg").read_text()).iter()}
    assert set(ended.json["files"]) == {str(kept), str(latest), str(folder / "p95.txt"), str(folder / "latency.svg")}
    assert "x the calibration" in (folder / "p95.txt").read_text()
    assert "th_operator" not in latest.read_text()


async def test_uploads_are_measured_and_leave_nothing_behind(shell: Shell, tmp_path: Path) -> None:
    before = await _put(shell, "Oil the wooden board once a month.")
    ended = await shell.tillhand("bench", "rag", *SMALL, "--slos", slos(tmp_path), "--uploads", "--json")
    assert ended.code == 0, ended.err
    assert {each["verdict"] for each in ended.json["objectives"]} == {"met"}
    (uploads,) = [route for route in ended.json["routes"] if route["kind"] == "upload"]
    assert uploads["count"] == 4
    assert await _collections(shell) == before
    assert "could not be removed" not in ended.err


async def test_what_uploads_leave_behind_is_told(service: FakeUpstream, tmp_path: Path) -> None:
    service.script(*[service.default] * (FIRST + 40), Reply(429, headers={"retry-after": "0"}), Reply(500))
    ended = await measure(service, tmp_path, "--uploads")
    assert [request.method for request in service.requests[-2:]] == ["DELETE", "DELETE"]
    assert f"The collection {service.requests[-1].target.rpartition('/')[2]}" in ended.err
    assert "could not be removed (answered 500)" in ended.err


async def test_a_missed_target_is_named_and_told_by_the_exit_code(service: FakeUpstream, tmp_path: Path) -> None:
    service.default = service.default.held(Slowly())
    ended = await measure(service, tmp_path, threshold_ms=STRICT)
    assert ended.code == 1
    assert "Missed: fast-0 (GET /v1/documents): 95 % within 1 ms promised" in ended.err
    assert "missed" in ended.out
    assert "Closed loop of 2 clients" in ended.out


async def test_errors_are_counted_and_miss_the_availability(service: FakeUpstream, tmp_path: Path) -> None:
    service.script(*[service.default] * FIRST, Reply(500), Reply(500), Reply(failure="reset"))
    ended = await measure(service, tmp_path, "--json")
    assert ended.code == 1
    failures = [route["failures"] for route in ended.json["routes"]]
    assert sum(each.get("500", 0) for each in failures) == 2
    assert sum(each.get("upstream-unavailable", 0) for each in failures) == 1
    assert sum(route["count"] for route in ended.json["routes"]) == 37
    (served,) = [each for each in ended.json["objectives"] if each["id"] == "served"]
    assert (served["verdict"], served["measured"]) == ("missed", 37 / 40)
    assert "Missed: served (all routes): 99.9 % served promised, 92.5 % measured" in ended.err
    assert len(service.requests) == FIRST + 40, "nothing is repeated"


async def test_what_a_reader_has_to_know_is_told(service: FakeUpstream, tmp_path: Path) -> None:
    put_off = Reply(429, headers={"retry-after": "3600"})
    service.script(*[service.default] * FIRST, Reply(404), *[service.default] * 20, put_off, put_off)
    ended = await measure(service, tmp_path, "--rate", "1000", "--duration", "60")
    assert ended.code == 1
    assert "Open loop at 1000 requests per second by up to 2 clients" in ended.out
    assert "after 1 warm-up requests" in ended.out
    assert "The time was over before 19 of 40 requests" in ended.out
    assert "The service put off" in ended.out
    assert "Errors: 1 x 404." in ended.out


async def test_two_runs_are_compared_route_by_route(service: FakeUpstream, tmp_path: Path) -> None:
    here = tmp_path / "reports"
    await measure(service, tmp_path, "--report", str(here))
    latest = str(here / "report.json")
    ended = await measure(service, tmp_path, "--report", str(here), "--compare", latest, "--json")
    assert {change["label"] for change in ended.json["comparison"]["changes"]} == {kind.label for kind in READING}
    assert ended.json["comparison"]["unlike"] == {}
    assert len([*here.glob("report-*.json")]) == 2
    shown = await measure(service, tmp_path, "--compare", latest, "--collection", "elsewhere")
    assert "change since the earlier run" in shown.out
    assert "collection was default, now elsewhere" in shown.out


async def test_an_empty_collection_is_told(service: FakeUpstream, tmp_path: Path) -> None:
    service.default = Reply.json({"items": []})
    ended = await measure(service, tmp_path)
    assert ended.code == 5
    assert "holds no documents" in ended.err


@pytest.mark.parametrize(
    "address", ["http://192.0.2.1:8001", "https://tillhand.example", "http://127.0.0.1.example:8001"]
)
def test_no_other_machine_is_ever_asked(tmp_path: Path, address: str) -> None:
    ended = run("--url", address, "--slos", slos(tmp_path))
    assert ended.code == 2
    assert f"{address} is not on this machine" in ended.err


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["--slos", "nowhere"], "nowhere/rag.yaml: No such file"),
        (["--requests", "50001"], "50000"),
        (["--concurrency", "65"], "64"),
        (["--goldens", "nowhere.yaml"], "nowhere.yaml: No such file"),
        (["--goldens", "{slos}/rag.yaml"], "no list of questions"),
        (["--compare", "nowhere.json"], "nowhere.json cannot be read"),
        (["--compare", "{slos}/rag.yaml"], "no report of a load run"),
        (["--report", "{slos}/rag.yaml"], "cannot be written"),
    ],
)
def test_what_a_run_needs_is_looked_at_first(tmp_path: Path, arguments: list[str], reason: str) -> None:
    folder = slos(tmp_path)
    given = [argument.format(slos=folder) for argument in arguments]
    ended = run("--slos", folder, "--url", "http://127.0.0.1:1", *given)
    assert ended.code == 2, "3 would say that the service was asked"
    assert reason in " ".join(ended.err.split())


async def _put(shell: Shell, text: str) -> object:
    """Store a text, and return what the knowledge base then holds."""
    async with open_api(shell.url, keys.read_token(shell.data_dir, "operator")) as api:
        await api.post("/v1/documents", {"source": "care.txt", "text": text}, holding="documents")
    return await _collections(shell)


async def _collections(shell: Shell) -> object:
    async with open_api(shell.url, None) as api:
        return (await api.get("/v1/collections", holding="items"))["items"]
