"""The machine's own Chromium before the console and the approvals; skips, with the reason, where there is none."""

from __future__ import annotations

import shutil
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final

import pytest
import pytest_asyncio
from playwright.async_api import Browser, async_playwright

from tests.dashboard.platform import Beside, beside_approvals

BROWSER: Final = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
SCRIPTS: Final = Path(sys.prefix) / "share" / "tillhand" / "browser"
HERE: Final = "tests/e2e/"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip, in this folder, what wants a browser where there is none."""
    missing = "no Chromium (Debian: apt-get install chromium)" if BROWSER is None else ""
    for name in ("axe.js", "uplot.js"):
        if not (SCRIPTS / name).is_file():
            missing = f"{name} is not here: python tools/browser.py"
    for item in items:
        if missing and HERE in item.path.as_posix():
            item.add_marker(pytest.mark.skip(reason=missing))


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def chromium() -> AsyncIterator[Browser]:
    """One browser for all tests: each opens windows of its own, which share nothing."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=BROWSER, args=["--no-sandbox"])
        yield browser
        await browser.close()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def beside(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Beside]:
    """The console beside the approvals, with somebody signed in whose cookies a browser may take."""
    async with beside_approvals(tmp_path_factory.mktemp("platform")) as running_beside:
        yield running_beside
