"""Folders that the service reads by itself, while the command watches."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.cli.shell import Shell
from tests.fakes.embedder import HashingEmbedder
from tillhand_cli.as_jobs import sources_of
from tillhand_common import keys
from tillhand_common.testing import running
from tillhand_rag.app import create_app
from tillhand_rag.settings import RagSettings


@pytest.fixture
async def allowed(tmp_path: Path, docs: Path) -> AsyncIterator[Shell]:
    """A terminal whose knowledge base may read the folder."""
    keys.bootstrap(tmp_path / "data")
    settings = RagSettings(data_dir=tmp_path / "data", ingest_roots=(str(docs),))
    async with running(create_app(settings, embedder=HashingEmbedder())) as url:
        yield Shell(tmp_path / "data", url)


async def test_a_folder_is_read_by_the_service_and_what_was_refused_is_told(allowed: Shell, docs: Path) -> None:
    ended = await allowed.tillhand("ingest", "--as-job", str(docs), "--json")
    assert ended.code == 1, ended.err
    job = ended.json["ingestions"][0]
    assert (job["state"], job["progress"]["created"], job["progress"]["refused"]) == ("done", 2, 1)
    (docs / "broken.pdf").unlink()
    (docs / "care.txt").unlink()
    again = await allowed.tillhand("ingest", "--as-job", str(docs))
    assert again.code == 0, again.err
    assert "1 unchanged, 1 removed, 0 refused" in again.out


async def test_what_the_service_may_not_read_is_refused_with_its_reason(allowed: Shell, docs: Path) -> None:
    outside = await allowed.tillhand("ingest", "--as-job", str(docs.parent))
    assert outside.code != 0
    assert "allows" in outside.err
    file = await allowed.tillhand("ingest", "--as-job", str(docs / "care.txt"))
    assert file.code == 2
    assert "is a file" in file.err


def test_addresses_go_together_and_sitemaps_and_folders_each_by_themselves(tmp_path: Path) -> None:
    a, b, sitemap = "https://shop.example/a", "https://shop.example/b", "https://shop.example/sitemap.xml"
    assert sources_of([a, str(tmp_path), sitemap, b, a]) == [
        {"type": "folder", "path": str(tmp_path)},
        {"type": "sitemap", "url": sitemap},
        {"type": "urls", "urls": [a, b]},
    ]
