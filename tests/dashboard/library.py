"""The console beside a real knowledge base that holds a few documents, with an operator signed in."""

from __future__ import annotations

import html
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

import httpx

from tests.dashboard.platform import Beside, beside_approvals
from tests.fakes.embedder import HashingEmbedder
from tillhand_common.testing import running
from tillhand_dashboard.domain.accounts import Person
from tillhand_dashboard.domain.results import Found
from tillhand_dashboard.ports.views import Upload
from tillhand_rag.app import create_app as knowledge
from tillhand_rag.settings import RagSettings

OTTO: Final = Person("otto", "operator")
RETURNS: Final = "\n\n".join(
    (
        "# Returns",
        "You have 30 days to return an order, and the postage is free.",
        "# Care",
        "Helmets are washed by hand.\n",
    )
)
HOSTILE: Final = (
    "# <img src=x onerror=alert(1)>\n\nLeather gloves are cleaned with "
    "<b hx-get='/sign-in/out' onclick='alert(1)'>saddle soap</b> \u202eand water. [more](javascript:alert(1))\n"
)


@asynccontextmanager
async def beside_knowledge(folder: Path) -> AsyncIterator[Beside]:
    """The console, the approvals and the knowledge base."""
    service = knowledge(RagSettings(data_dir=folder, rate_limit="off"), embedder=HashingEmbedder())
    async with running(service) as url, beside_approvals(folder, rag_url=url) as beside:
        for name, text in (("returns.md", RETURNS), ("gloves.md", HOSTILE)):
            put = Upload(name=name, content=text.encode(), media_type="text/markdown")
            assert isinstance(await beside.console.knowledge.upload(OTTO, put, "default", f"key-{name}"), Found)
        yield beside


def links(page: httpx.Response, start: str) -> list[str]:
    """Where the links of a page lead that begin so."""
    return [html.unescape(found) for found in re.findall(r'href="([^"]*)"', page.text) if found.startswith(start)]


def fields(page: httpx.Response) -> dict[str, str]:
    """The hidden fields of a page but for its token, the last of each name."""
    found = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page.text)
    return {name: html.unescape(value) for name, value in found if name != "csrf"}
