"""A recording is replayed byte for byte, or not at all."""

from __future__ import annotations

import asyncio
from pathlib import Path

import orjson
import pytest

from tests.analytics.served_connectors import served
from tests.analytics.sources.reading import ga4, google
from tests.fakes.connectors import FakeConnectors
from tillhand_analytics.adapters.sources import recorded
from tillhand_analytics.adapters.sources.live import LiveSources
from tillhand_analytics.adapters.sources.recorded import LIST, RecordedSources
from tillhand_analytics.app import create_app
from tillhand_analytics.commands import record
from tillhand_analytics.errors import SourceUnavailable
from tillhand_analytics.settings import AnalyticsSettings
from tillhand_common.lifecycle import StartupError
from tillhand_common.testing import client
from tillhand_mcp.schemas import location
from tillhand_mockshop.generator import build


@pytest.fixture
async def recording(server: FakeConnectors, sources: LiveSources, tmp_path: Path) -> Path:
    """What the server of the test tells, in a folder."""
    server.tools |= {"ga4_report": ga4, "search_console_analytics": google}
    folder = tmp_path / "recording"
    recorded.write(folder, await sources.take())
    return folder


async def test_a_replay_says_that_it_is_one_and_when_it_was_recorded(recording: Path, sources: LiveSources) -> None:
    replayed = await RecordedSources(recording).load()
    live = await sources.load()
    assert [(stamp.source, stamp.digest, stamp.fetched_at) for stamp in replayed.stamps] == [
        (stamp.source, stamp.digest, stamp.fetched_at) for stamp in live.stamps
    ]
    assert {stamp.mode for stamp in replayed.stamps} == {"recorded"}
    assert replayed.shop.lines.amount_minor.tolist() == live.shop.lines.amount_minor.tolist()
    assert len(replayed.shop.searches.day) == len(live.shop.searches.day) > 0


def test_only_its_owner_reads_a_recording(recording: Path) -> None:
    assert {path.stat().st_mode & 0o077 for path in recording.iterdir()} == {0}


async def test_a_file_that_was_changed_is_not_replayed(recording: Path) -> None:
    with (recording / "orders.jsonl").open("ab") as file:
        file.write(b"\n")
    with pytest.raises(SourceUnavailable, match=r"orders\.jsonl is not what was recorded"):
        await RecordedSources(recording).load()


async def test_a_file_that_is_gone_is_told(recording: Path) -> None:
    (recording / "refunds.jsonl").unlink()
    with pytest.raises(SourceUnavailable, match=r"refunds\.jsonl"):
        await RecordedSources(recording).load()


@pytest.mark.parametrize(
    "change",
    [
        {"version": 2},
        {"sources": {}},
        {"first_day": "yesterday"},
        {"sources": {"shopify": {"files": {"../../etc/passwd": ""}}}},
        {"sources": []},
    ],
)
async def test_a_list_that_makes_no_sense_is_told(recording: Path, change: dict[str, object]) -> None:
    told = orjson.loads((recording / LIST).read_bytes())
    (recording / LIST).write_bytes(orjson.dumps({**told, **change}))
    with pytest.raises(SourceUnavailable, match="recording"):
        await RecordedSources(recording).load()


async def test_a_folder_without_a_recording_is_told(tmp_path: Path) -> None:
    with pytest.raises(SourceUnavailable, match=LIST):
        await RecordedSources(tmp_path).load()


async def test_a_source_that_was_not_recorded_has_no_mode(recording: Path) -> None:
    told = orjson.loads((recording / LIST).read_bytes())
    del told["sources"]["bing"]
    (recording / LIST).write_bytes(orjson.dumps(told))
    sources = RecordedSources(recording)
    await sources.load()
    modes = {gate.source: (gate.state, gate.mode) for gate in await sources.gates()}
    assert modes.pop("bing") == ("absent", None)
    assert set(modes.values()) == {("absent", "recorded")}


async def test_the_command_records_and_the_service_replays(tmp_path: Path) -> None:
    if not (location.folder() / "NOTICE").is_file():
        pytest.skip("the vendors' schemas are not here: python tools/schemas.py")
    async with served(build(skus=20, days=28), tmp_path) as connectors:
        settings = AnalyticsSettings(
            data_dir=tmp_path, mcp_url=connectors.url, analytics_token=connectors.key, analytics_days=60
        )
        report = await asyncio.to_thread(record, tmp_path / "out", settings)
    assert report["problems"] == {}
    assert set(report["sources"].values()) == {"mock"}
    replaying = AnalyticsSettings(data_dir=tmp_path, analytics_recorded=tmp_path / "out")
    async with client(create_app(replaying)) as http:
        await http.get("/v1/sales/kpis")
        status = (await http.get("/v1/status")).json()
    assert status["mode"] == "recorded"
    assert status["banner"].startswith("Recorded data")
    assert {gate["mode"] for gate in status["gates"]} == {"recorded"}


def test_nothing_is_recorded_without_connectors(tmp_path: Path) -> None:
    with pytest.raises(StartupError, match="TILLHAND_MCP_URL"):
        record(tmp_path, AnalyticsSettings(data_dir=tmp_path))
