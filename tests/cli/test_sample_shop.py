"""The sample shop gets into an empty knowledge base as a whole, and into no other."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.cli.shell import Shell
from tests.fakes.embedder import HashingEmbedder
from tests.fakes.waiting import until
from tillhand_cli.files import find
from tillhand_cli.output import output
from tillhand_cli.samples import UNFINISHED, read_samples
from tillhand_cli.sending import Summary
from tillhand_common import keys
from tillhand_common.testing import running
from tillhand_rag.app import create_app
from tillhand_rag.settings import RagSettings

SAMPLES = Path(__file__).parents[2] / "samples"


@dataclass
class Shop:
    """A running knowledge base without documents, its embedder, and the samples that it may get."""

    shell: Shell
    embedder: HashingEmbedder
    samples: Path

    async def read(self) -> Summary | None:
        return await read_samples(self.samples, self.shell.url, output(as_json=True))

    def is_unfinished(self) -> bool:
        return (self.shell.data_dir / UNFINISHED).exists()


@pytest.fixture
async def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Shop]:
    samples, data_dir = tmp_path / "samples", tmp_path / "data"
    samples.mkdir()
    for number in range(6):
        (samples / f"{number}.md").write_text(f"# Page {number}\n\nOur shelf {number} holds lamps.\n")
    keys.bootstrap(data_dir)
    monkeypatch.setenv("TILLHAND_DATA_DIR", str(data_dir))
    monkeypatch.delenv("TILLHAND_API_KEY", raising=False)
    embedder = HashingEmbedder()
    async with running(create_app(RagSettings(data_dir=data_dir), embedder=embedder)) as url:
        yield Shop(Shell(data_dir, url), embedder, samples)


async def test_a_load_that_was_broken_off_is_completed_by_the_next_one(shop: Shop) -> None:
    await _break_off(shop)
    assert shop.is_unfinished()
    first = await shop.shell.tillhand("ingest", str(shop.samples / "0.md"), "--json")
    assert first.code == 0, "one of them at least got in before the load was broken off"
    again = await shop.read()
    assert again is not None
    assert (again.documents, again.updated, again.refused) == (6, 0, [])
    assert again.unchanged >= 1, "what is there already stays as it is"
    assert not shop.is_unfinished()
    assert await shop.read() is None, "a third one has nothing to do"


async def test_samples_are_never_added_to_what_somebody_else_put_in(shop: Shop, docs: Path) -> None:
    assert (await shop.shell.tillhand("ingest", str(docs / "care.txt"))).code == 0
    assert await shop.read() is None
    held = await shop.shell.tillhand("search", "shelf lamps", "--top-k", "10", "--json")
    assert {hit["source"] for hit in held.json["hits"]} <= {"care.txt"}


async def test_a_sample_that_is_refused_does_not_bring_the_samples_back(shop: Shop) -> None:
    (shop.samples / "broken.pdf").write_bytes(b"%PDF-1.7\nnothing follows")
    first = await shop.read()
    assert first is not None
    assert [item["source"] for item in first.refused] == ["broken.pdf"]
    assert await shop.read() is None


def test_what_is_read_in_is_the_shop_and_no_page_about_it() -> None:
    found, _ = find([SAMPLES])
    assert {file.source.split("/")[0] for file in found} == {"documents", "products.jsonl"}


async def _break_off(shop: Shop) -> None:
    """Begin to read the samples, and leave as Ctrl-C does while the service works on the first of them."""
    shop.embedder.gate.clear()
    reading = asyncio.create_task(shop.read())
    await until(lambda: bool(shop.embedder.calls))
    reading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reading
    shop.embedder.gate.set()
