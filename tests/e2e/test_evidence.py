"""The report of the evidence as people open it: from a folder, in any look, and on the console."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser

from tests.dashboard.platform import Beside
from tests.e2e.surfing import accessible, in_looks, is_live, window, with_axe
from tests.fakes.evidence import FakePlatform, report_of
from tillhand_cli.evidence.scene import Scene
from tillhand_cli.evidence.writing import write
from tillhand_dashboard.adapters.proving import FileEvidence

pytestmark = pytest.mark.asyncio(loop_scope="session")


@in_looks()
async def test_the_report_shuts_nobody_out(
    chromium: Browser, beside: Beside, tmp_path: Path, looks: dict[str, Any]
) -> None:
    scene = Scene(FakePlatform(tmp_path), tmp_path, None, None)
    write(await report_of(scene), tmp_path)
    asked: list[str] = []
    async with window(chromium, beside, signed_in=False, **looks) as opened:
        await with_axe(opened.context)
        opened.context.on("request", lambda request: asked.append(request.url))
        page = await opened.context.new_page()
        await page.goto(f"file://{tmp_path}/report.html")
        assert await accessible(page) == []
        assert await page.evaluate("() => document.documentElement.scrollWidth - innerWidth") <= 0
    assert [url for url in asked if not url.startswith(("file:", "data:"))] == []


@in_looks()
async def test_the_console_shows_it(chromium: Browser, beside: Beside, tmp_path: Path, looks: dict[str, Any]) -> None:
    scene = Scene(FakePlatform(tmp_path), tmp_path, None, None)
    assert isinstance(beside.console.evidence, FileEvidence)
    kept = beside.console.evidence.path
    kept.parent.mkdir(exist_ok=True)
    kept.write_text(json.dumps(await report_of(scene)))
    try:
        async with window(chromium, beside, **looks) as opened:
            await with_axe(opened.context)
            for path in ("/", "/evidence"):
                page = await opened.open(path)
                await is_live(page)
                assert "1 kept, 1 not measured, 1 missed" in await page.inner_text("main")
                assert await accessible(page) == [], path
                assert await page.evaluate("() => document.documentElement.scrollWidth - innerWidth") <= 0, path
            assert opened.faults == []
    finally:
        kept.unlink()
