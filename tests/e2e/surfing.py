"""A browser window that counts what its pages do wrong."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Final

import pytest
from playwright.async_api import Browser, BrowserContext, Page, ViewportSize, expect

from tests.dashboard.platform import Beside
from tests.e2e.conftest import SCRIPTS

RULES: Final = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
AXE: Final = f"""async () => {{
  const found = await axe.run(document, {{ runOnly: {{ type: 'tag', values: {RULES} }} }});
  return found.violations.map(({{ id, nodes }}) => `${{id}}: ${{nodes.map((node) => node.target.join(' '))}}`);
}}"""
LISTENER: Final = """(() => {
  document.addEventListener('securitypolicyviolation',
    (event) => console.error(`policy: ${event.violatedDirective} ${event.blockedURI} ${event.sample}`));
})();"""


WIDE: Final[ViewportSize] = {"width": 1280, "height": 900}
NARROW: Final[ViewportSize] = {"width": 390, "height": 844}
_ALL: Final = {
    f"{size['width']}-{scheme}": {"color_scheme": scheme, "viewport": size, "reduced_motion": "reduce"}
    for size in (WIDE, NARROW)
    for scheme in ("light", "dark")
}
_SOME: Final = ("1280-light", "390-dark")
"""Each size and each scheme once."""


def in_looks(*, every: bool = False) -> pytest.MarkDecorator:
    """Runs a test with each of the `looks` of a window, or with two where nobody asks for `every`."""
    chosen = list(_ALL) if every or os.environ.get("TILLHAND_EVERY_LOOK") else list(_SOME)
    return pytest.mark.parametrize("looks", [_ALL[name] for name in chosen], ids=chosen)


@dataclass
class Window:
    """A window: `faults` are violations of the policy, and errors of scripts."""

    context: BrowserContext
    url: str
    faults: list[str] = field(default_factory=list)

    async def open(self, path: str) -> Page:
        """Another tab."""
        page = await self.context.new_page()
        page.on("console", lambda said: self.faults.append(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda error: self.faults.append(str(error)))
        await page.goto(f"{self.url}{path}")
        return page


@asynccontextmanager
async def window(browser: Browser, beside: Beside, *, signed_in: bool = True, **looks: Any) -> AsyncIterator[Window]:  # noqa: ANN401  # as the library takes them
    """A window that looks so: `color_scheme`, `viewport`, `java_script_enabled`."""
    context = await browser.new_context(**looks)
    await context.add_init_script(LISTENER)
    if signed_in:
        cookies = [{"name": name, "value": value, "url": beside.url} for name, value in beside.visitor.cookies.items()]
        await context.add_cookies(cookies)  # type: ignore[arg-type]  # dictionaries of these members
    yield Window(context, beside.url)
    await context.close()


async def accessible(page: Page) -> list[str]:
    """What axe finds wrong with a page."""
    found: list[str] = await page.evaluate(AXE)
    return found


async def is_live(page: Page) -> None:
    """Wait until a page says that it is live."""
    await expect(page.locator("#live")).to_have_text("Live")


async def with_axe(context: BrowserContext) -> None:
    """Have axe in every page that is opened from now on."""
    await context.add_init_script(path=SCRIPTS / "axe.js")
