"""Every page, light and dark, wide and narrow: nobody is shut out, and nothing breaks the policy."""

from __future__ import annotations

import gzip
from typing import Any

import pytest
from playwright.async_api import Browser, Response

from tests.dashboard.platform import Beside
from tests.e2e.surfing import accessible, in_looks, is_live, window, with_axe
from tillhand_dashboard.domain.navigation import PAGES

pytestmark = pytest.mark.asyncio(loop_scope="session")
OPEN = ("/sign-in", "/nothing-here")
PATHS = (*(entry.path for entry in PAGES), "/styleguide")


@in_looks(every=True)
async def test_a_page_shuts_nobody_out_and_keeps_the_policy(
    chromium: Browser, beside: Beside, looks: dict[str, Any]
) -> None:
    async with window(chromium, beside, **looks) as opened:
        await with_axe(opened.context)
        for path in PATHS:
            page = await opened.open(path)
            await is_live(page)
            assert await accessible(page) == [], path
            assert await page.evaluate("() => document.documentElement.scrollWidth - innerWidth") <= 0, path
            await page.close()
        assert opened.faults == []
    async with window(chromium, beside, signed_in=False, **looks) as opened:
        await with_axe(opened.context)
        for path in OPEN:
            page = await opened.open(path)
            assert await accessible(page) == [], path
            await page.close()
        assert [fault for fault in opened.faults if "404" not in fault] == []


async def test_the_first_load_is_small(chromium: Browser, beside: Beside) -> None:
    answers: list[Response] = []
    async with window(chromium, beside) as opened:
        opened.context.on("response", lambda answer: answers.append(answer))  # noqa: PLW0108  # the library marks what it is given
        page = await opened.open("/")
        await is_live(page)
        sizes = {
            answer.url: (answer.headers.get("content-type", ""), len(gzip.compress(await answer.body(), 9)))
            for answer in answers
            if not answer.url.endswith("/events")
        }
    scripts = sum(size for kind, size in sizes.values() if "javascript" in kind)
    assert 0 < scripts <= 25_000
    assert sum(size for _, size in sizes.values()) <= 60_000
