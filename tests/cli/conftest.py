"""A running knowledge base, a terminal that reaches it, and a folder to read."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.cli.shell import Shell
from tests.fakes.embedder import HashingEmbedder
from tillhand_common import keys
from tillhand_common.testing import running
from tillhand_rag.app import create_app
from tillhand_rag.settings import RagSettings


@pytest.fixture
async def shell(tmp_path: Path) -> AsyncIterator[Shell]:
    data_dir = tmp_path / "data"
    keys.bootstrap(data_dir)
    app = create_app(RagSettings(data_dir=data_dir), embedder=HashingEmbedder())
    async with running(app) as url:
        yield Shell(data_dir, url)


@pytest.fixture
def docs(tmp_path: Path) -> Path:
    folder = tmp_path / "docs"
    (folder / "policies").mkdir(parents=True)
    (folder / "policies" / "returns.md").write_text("# Returns\n\nSend it back within 30 days of delivery.\n")
    (folder / "care.txt").write_text("Oil the wooden board once a month.")
    (folder / "broken.pdf").write_bytes(b"%PDF-1.7\nnothing follows")
    (folder / "photo.jpg").write_bytes(b"\xff\xd8\xff")
    (folder / ".hidden.md").write_text("never read")
    return folder
