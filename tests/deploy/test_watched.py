"""What people are told to look at, on a platform that runs: boards give data, and commands of the runbooks work."""

from __future__ import annotations

import asyncio
import json
import os
import re
import shutil
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import boards
import pytest
import pytest_asyncio
from promql_parser import parse

from tests.deploy.promtool import ROOT
from tests.deploy.watched import HANGS_S, SERVICES, Watched, use, watched

pytestmark = [
    pytest.mark.skipif(shutil.which("prometheus") is None, reason="no Prometheus (Debian: package prometheus)"),
    pytest.mark.timeout(3 * HANGS_S),
    pytest.mark.asyncio(loop_scope="session"),
]
RUNBOOKS = sorted((ROOT / "docs" / "runbooks").glob("*.md"))
PORTS = {"rag": 8001, "mcp": 8002, "approvals": 8003, "analytics": 8004, "dashboard": 3000}
of_each_runbook = pytest.mark.parametrize("runbook", RUNBOOKS, ids=[each.stem for each in RUNBOOKS])


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def platform(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Watched]:
    """The platform, used a little, and watched by Prometheus."""
    async with watched(tmp_path_factory.mktemp("watched")) as opened:
        await use(opened)
        yield opened


def queries(board: Path) -> list[str]:
    """What the panels of a board ask."""
    document: dict[str, Any] = json.loads(board.read_text())
    return [target["expr"] for panel in document["panels"] for target in panel.get("targets", [])]


def blocks(runbook: Path, language: str) -> list[str]:
    """What a runbook tells its reader to do in one language."""
    return re.findall(rf"(?ms)^```{language}\n(.*?)^```$", runbook.read_text())


async def test_there_is_a_file_for_each_board_and_no_other() -> None:
    assert set(boards.BOARDS.glob("*.json")) == set(boards.pages())


@pytest.mark.parametrize("board", sorted(boards.BOARDS.glob("*.json")), ids=lambda path: path.stem)
async def test_each_panel_of_a_board_gives_data(platform: Watched, board: Path) -> None:
    asked = [query.replace("$__rate_interval", "5m") for query in queries(board)]
    assert asked
    for query in asked:
        parse(query)
        assert await platform.gives_data(query), query


@of_each_runbook
async def test_what_a_runbook_asks_of_prometheus_can_be_asked(platform: Watched, runbook: Path) -> None:
    for query in blocks(runbook, "promql"):
        await platform.asked(query)


@of_each_runbook
async def test_the_commands_of_a_runbook_work(platform: Watched, runbook: Path) -> None:
    for script in blocks(runbook, "sh"):
        process = await asyncio.create_subprocess_exec(
            *("bash", "-euo", "pipefail", "-c", at_the_ports_of(platform, script)),
            cwd=platform.folder,
            env=os.environ | {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"} | settings(platform),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        out, _ = await process.communicate()
        assert process.returncode == 0, f"{script}\n{out.decode()}"
        assert b'"status":4' not in out, f"{script}\n{out.decode()}"


def at_the_ports_of(platform: Watched, script: str) -> str:
    """The same commands, where this platform listens."""
    for name, port in PORTS.items():
        script = script.replace(f"127.0.0.1:{port}", platform.urls[name].removeprefix("http://"))
        script = re.sub(rf"\b{port}\b", platform.urls[name].rpartition(":")[2], script)
    return script


def settings(platform: Watched) -> dict[str, str]:
    """What a terminal has set that speaks to this platform."""
    return {f"TILLHAND_{name.upper()}_URL": platform.urls[name] for name in SERVICES}
