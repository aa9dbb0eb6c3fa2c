"""The evidence: each colour comes of what was measured, and the report says the same in each of its forms."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.shell import WITHOUT_ENV_FILE, run
from tests.fakes.evidence import SERVICES, FakePlatform, FakeScene, always, criterion, report_of
from tillhand_cli.bench.load import Measured, Tally
from tillhand_cli.bench.plan import Kind
from tillhand_cli.commands.evidence import minutes_of
from tillhand_cli.errors import CommandError
from tillhand_cli.evidence import enduring, guarding, judged_elsewhere, loading, playing, restoring
from tillhand_cli.evidence.criteria import CRITERIA
from tillhand_cli.evidence.judging import NotMeasured, green
from tillhand_cli.evidence.machine import LOOK_S, busy_share
from tillhand_cli.evidence.run import Report, judged_in_turn
from tillhand_cli.evidence.scene import Ended, Scene
from tillhand_cli.evidence.writing import as_json, as_markdown, as_page, headline, write
from tillhand_common.http import Options, UpstreamResponse
from tillhand_common.slos import Latency, Objective
from tillhand_common.testing import FakeClock, settle

SAFE = dict(guarding.REQUIRED)
KEY = "th_agent_evidence_0123456789"


@pytest.fixture
def scene(tmp_path: Path) -> FakeScene:
    """Everything answers 200 with the headers that it should."""
    made = FakeScene(
        FakePlatform(tmp_path), tmp_path / "out", tmp_path, None, {"agent": KEY, "operator": "th_operator_x"}
    )
    made.answer = always(200, SAFE)
    made.ended = Ended(0, "", "")
    return made


async def test_a_measurement_that_breaks_is_red_and_the_others_go_on(scene: FakeScene) -> None:
    broken = ExceptionGroup("several", [ValueError("the bytes are gone")])
    absent = NotMeasured("no engine here")
    told: list[str] = []
    judged = await judged_in_turn(
        [criterion("a", broken), criterion("b", absent), criterion("c", green("fine", {}))],
        scene,
        FakeClock(),
        told.append,
    )
    assert [each.finding.state for each in judged] == ["red", "amber", "green"]
    assert "ValueError: the bytes are gone" in judged[0].finding.summary
    assert judged[1].finding.summary == "no engine here"
    assert len(told) == 6
    report = Report(FakeClock().now(), 1.0, judged)
    assert report.state == "red"
    assert report.counts() == {"green": 1, "amber": 1, "red": 1}


async def test_a_service_that_is_not_ready_or_late_is_red(scene: FakeScene) -> None:
    assert (await playing.ready(scene)).state == "green"
    scene.ready_s = 61.0
    assert (await playing.ready(scene)).state == "red"
    scene.ready_s = 1.0
    scene.answer = lambda service, _: UpstreamResponse(service, 503 if service == "rag" else 200, {}, b"{}")
    finding = await playing.ready(scene)
    assert (finding.state, "not ready: rag" in finding.summary) == ("red", True)


async def test_a_header_that_one_service_lacks_is_named(scene: FakeScene) -> None:
    assert (await guarding.headers(scene)).state == "green"
    lacking = {**SAFE, "content-security-policy": "default-src 'self'"}
    scene.answer = lambda service, _: UpstreamResponse(service, 404, lacking if service == "mcp" else SAFE, b"")
    finding = await guarding.headers(scene)
    assert finding.state == "red"
    assert "mcp /health: content-security-policy" in finding.summary
    assert "rag" not in finding.summary


@pytest.mark.parametrize(
    ("line", "elsewhere", "state"),
    [
        ('{"request_id": "%s", "route": "/v1/search"}', "", "green"),
        ('{"request_id": "%s", "route": "/v1/search"}', f'{{"key": "{KEY}"}}', "red"),
        ('{"request_id": "%s", "route": "/v1/search?contact=mara.lindqvist@customers.example"}', "", "red"),
    ],
)
async def test_what_a_log_holds_decides(scene: FakeScene, line: str, elsewhere: str, state: str) -> None:
    platform = scene.platform
    assert isinstance(platform, FakePlatform)

    def answer(service: str, options: Options) -> UpstreamResponse:
        platform.logs = {"rag": line % options["headers"]["x-request-id"], "approvals": elsewhere}
        return UpstreamResponse(service, 200, {}, b"{}")

    scene.answer = answer
    finding = await guarding.masked_log(scene)
    assert finding.state == state
    if state == "green":
        kept = (scene.out / "masked-log.json").read_text()
        assert KEY not in kept
        assert guarding.PERSON not in kept


async def test_a_request_that_left_no_line_shows_nothing(scene: FakeScene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guarding, "WRITTEN_WITHIN_S", 0.0)
    assert (await guarding.masked_log(scene)).state == "red"


@pytest.mark.parametrize(
    ("texts", "state"),
    [
        ((b"a,b\r\n1,2\r\n", b"a,b\r\n1,2\r\n"), "green"),
        ((b"a,b\r\n1,2\r\n", b"a,b\r\n1,3\r\n"), "red"),
        ((b"a,b\r\n1\r\n", b"a,b\r\n1\r\n"), "red"),
        ((b"a,b\r\n", b"a,b\r\n"), "red"),
    ],
)
async def test_a_table_is_whole_and_twice_the_same(scene: FakeScene, texts: tuple[bytes, bytes], state: str) -> None:
    bodies = iter(texts)
    scene.answer = lambda service, _: UpstreamResponse(service, 200, {}, next(bodies))
    assert (await playing.table(scene)).state == state


@pytest.mark.parametrize(
    ("slowest_ms", "busy", "state"),
    [(90.0, 0.1, "green"), (90.0, 0.9, "green"), (110.0, 0.1, "red"), (110.0, None, "red"), (110.0, 0.9, "amber")],
)
def test_times_are_held_against_the_objectives_where_the_machine_is_ours(
    scene: FakeScene, slowest_ms: float, busy: float | None, state: str
) -> None:
    scene.kept["busy"] = busy
    kind = Kind("search", "POST", "/v1/search", "", 1)
    times = [20.0] * 9 + [slowest_ms] * 2
    measured = {"rag": Measured({kind: Tally(times)}, unsent=0, elapsed_s=1.0, held_s=0.0, busy=0.1)}
    promised = Objective(
        id="search-latency",
        description="It is found soon.",
        route="POST /v1/search",
        indicator=Latency(kind="latency", threshold_ms=100),
        target=0.95,
    )
    finding = loading.verdict(scene, measured, {"rag": [promised]})
    assert finding.state == state
    assert "p95" in (scene.out / "latency" / "p95.txt").read_text()
    assert "<script" not in (scene.out / "latency" / "rag.svg").read_text()


async def test_a_machine_says_how_busy_it_is(tmp_path: Path) -> None:
    stat, clock = tmp_path / "stat", FakeClock()
    stat.write_text("cpu  100 0 0 900 0 0 0 0 0 0\n")
    looking = asyncio.ensure_future(busy_share(clock, stat))
    await settle()
    stat.write_text("cpu  160 0 0 930 10 0 0 0 0 0\n")
    await clock.advance(LOOK_S)
    assert await looking == pytest.approx(0.6)
    assert await busy_share(clock, tmp_path / "absent") is None


async def test_a_request_that_failed_is_red_and_no_load_is_amber(scene: FakeScene) -> None:
    with pytest.raises(NotMeasured):
        await loading.availability(scene)
    with pytest.raises(NotMeasured):
        await loading.metrics(scene)
    tally = Tally([1.0])
    run_of = Measured({Kind("a", "GET", "/a", "", 1): tally}, unsent=0, elapsed_s=1.0, held_s=0.0, busy=0.1)
    scene.kept["measured"] = {"rag": run_of}
    assert (await loading.availability(scene)).state == "green"
    tally.failures["503"] += 1
    assert (await loading.availability(scene)).state == "red"


async def test_a_service_that_counted_nothing_is_not_watched(scene: FakeScene) -> None:
    def page(count: int) -> str:
        return f'# TYPE http_requests counter\nhttp_requests_total{{route="/a"}} {count}.0\n'

    scene.kept.update(before={"rag": page(1), "mcp": page(1)}, after={"rag": page(3), "mcp": page(1)})
    finding = await loading.metrics(scene)
    assert finding.state == "red"
    assert "no request was counted by mcp" in finding.summary


def test_what_did_not_come_back_is_named(scene: FakeScene) -> None:
    before = {"documents": [1], "proposals": ["p"], "keys": ["k"]}
    told: dict[str, Any] = {"left": 0, "verified": {"ok": True}}
    manifest: dict[str, Any] = {"files": {"a": {}}, "path": str(scene.out)}
    assert restoring.compared(scene, dict(manifest), before, dict(before), told).state == "green"
    assert (
        restoring.compared(scene, dict(manifest), {**before, "keys": []}, {**before, "keys": []}, told).state == "red"
    )
    broken = {**told, "verified": {"ok": False}}
    assert restoring.compared(scene, dict(manifest), before, dict(before), broken).state == "red"
    lost = restoring.compared(scene, dict(manifest), before, {**before, "proposals": []}, told)
    assert (lost.state, "except proposals" in lost.summary) == ("red", True)
    assert str(scene.out) not in (scene.out / "backup" / "manifest.json").read_text()


COUNTS = ("delivered", "clients", "lost", "repeated", "client_kills", "server_restarts")
SOAKED = {**dict.fromkeys(COUNTS, 0), "passed": True, "failed": []}


@pytest.mark.parametrize(
    ("minutes", "printed", "state"),
    [
        (10.0, json.dumps(SOAKED), "green"),
        (1.0, json.dumps(SOAKED), "amber"),
        (10.0, json.dumps({**SOAKED, "lost": 4, "passed": False, "failed": ["lost"]}), "red"),
        (10.0, "", "red"),
    ],
)
async def test_a_soak_is_green_only_when_it_was_long_enough(
    scene: FakeScene, minutes: float, printed: str, state: str
) -> None:
    scene.soak_minutes, scene.ended = minutes, Ended(0 if "true" in printed else 1, printed, "it broke")
    assert (await enduring.soak(scene)).state == state


async def test_what_is_not_set_up_is_amber_and_says_how(scene: FakeScene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.which", lambda _: None)
    for measure, told in (
        (judged_elsewhere.contract, "not in this tree"),
        (judged_elsewhere.conformance, "make conformance"),
        (judged_elsewhere.images, "no container engine"),
        (judged_elsewhere.bills, "bills of materials"),
        (enduring.soak, "--soak none"),
    ):
        with pytest.raises(NotMeasured, match=told):
            await measure(scene)


@pytest.mark.parametrize(
    ("code", "printed", "state"),
    [(0, "12 passed in 3 s", "green"), (1, "2 failed, 10 passed in 3 s", "red"), (5, "no tests ran", "red")],
)
async def test_the_tests_of_the_contracts_decide(scene: FakeScene, code: int, printed: str, state: str) -> None:
    (scene.platform.folder / "tests" / "contract").mkdir(parents=True)
    scene.ended = Ended(code, printed, "")
    assert (await judged_elsewhere.contract(scene)).state == state


async def test_an_engine_without_all_images_is_amber(scene: FakeScene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.which", lambda _: "/usr/bin/docker")

    def rows(*names: str) -> str:
        return "".join(
            json.dumps({"Repository": f"tillhand/{name}", "Tag": "1", "Size": "9MB"}) + "\n" for name in names
        )

    scene.ended = Ended(0, rows(*SERVICES), "")
    assert (await judged_elsewhere.images(scene)).state == "green"
    scene.ended = Ended(0, rows("rag"), "")
    with pytest.raises(NotMeasured, match="mcp"):
        await judged_elsewhere.images(scene)


async def test_all_forms_of_a_report_say_the_same(scene: FakeScene, tmp_path: Path) -> None:
    report = await report_of(scene)
    assert json.loads(as_json(report)) == report
    assert headline(report) == "3 criteria: 1 kept, 1 not measured, 1 missed"
    page, text = as_page(report, scene.out), as_markdown(report)
    for each in report["criteria"]:
        assert each["title"] in page
        assert each["title"] in text
    assert "<b>lost" not in page
    assert "rag &lt;search&gt;" in page
    assert r"\| 3" in text
    assert not any(word in page for word in ("<script", "http://", "https://", "@import", "url("))
    data = tmp_path / "data"
    data.mkdir()
    write(report, scene.out, data)
    assert json.loads((data / "evidence" / "report.json").read_bytes()) == report


def test_every_criterion_has_its_place_and_its_source() -> None:
    assert len({each.id for each in CRITERIA}) == len(CRITERIA)
    for each in CRITERIA:
        assert (Path(__file__).parents[2] / each.source).is_file(), each.source


def test_a_duration_that_is_none_is_refused() -> None:
    assert [minutes_of(text) for text in ("10m", "90s", "none")] == [10.0, 1.5, None]
    for text in ("", "10", "0m", "90h", "999m", "-1m"):
        with pytest.raises(CommandError):
            minutes_of(text)


async def test_a_program_that_takes_too_long_is_gone(tmp_path: Path) -> None:
    real = Scene(FakePlatform(tmp_path), tmp_path, None, None)
    with pytest.raises(TimeoutError):
        await real.run("sh", "-c", f"echo $$ > {tmp_path}/pid; exec sleep 600", within_s=2.0)
    pid = int((tmp_path / "pid").read_text())
    assert not await asyncio.to_thread(Path(f"/proc/{pid}").exists)


async def test_the_command_refuses_what_it_cannot_do(tmp_path: Path) -> None:
    ended = await run("evidence", "--soak", "soon", "--out", str(tmp_path), env=WITHOUT_ENV_FILE)
    assert ended.code == 2
    assert "--soak soon" in ended.err
