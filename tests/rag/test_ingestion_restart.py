"""Ingestions that are interrupted: the next process goes on with them, and embeds nothing twice that was stored."""

from __future__ import annotations

import asyncio
import random
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import httpx

from tests.fakes.embedder import HashingEmbedder
from tests.fakes.ingestions import ended, ingest_folder, reading_base, sources_of, start, upload, write
from tests.fakes.reading import reading
from tests.fakes.waiting import until
from tillhand_common import keys
from tillhand_common.testing import ServiceProcess, service_process
from tillhand_rag.domain.ingestions import FolderSource
from tillhand_rag.ports.embedding import Vectors
from tillhand_rag.service.ingesting.running import STRIKES, Ingesting
from tillhand_rag.service.ingestion import Ingested
from tillhand_rag.service.preparing import Upload

SERVICE = Path(__file__).resolve().parents[1] / "fakes" / "slow_service.py"
FILES: dict[str, str | bytes] = {f"page{number:03d}.md": f"Unique{number:03d} is about stock." for number in range(100)}
KILLS = 2


class Stopping(HashingEmbedder):
    """Embeds so many calls, and then keeps everybody waiting."""

    def __init__(self, calls: int) -> None:
        super().__init__()
        self._left = calls

    async def embed(self, texts: Sequence[str], *, bulk: bool = False) -> Vectors:
        self._left -= 1
        if self._left < 0:
            self.gate.clear()
        return await super().embed(texts, bulk=bulk)


async def test_an_interrupted_ingestion_goes_on_after_a_restart_and_embeds_only_the_rest(tmp_path: Path) -> None:
    write(tmp_path / "docs", FILES)
    first = Stopping(2)
    async with reading_base(tmp_path, embedder=first) as base:
        job = await start(base.http, {"type": "folder", "path": str(tmp_path / "docs")})
        await until(lambda: len(first.calls) >= 4)
        stored = await sources_of(base)
        assert 0 < len(stored) < len(FILES)
    second = HashingEmbedder()
    async with reading_base(tmp_path, embedder=second) as base:
        done = await ended(base.http, job["id"])
        assert (done["state"], done["attempts"]) == ("done", 2)
        counts = {name: done["progress"][name] for name in ("created", "updated", "unchanged", "done")}
        assert counts == {"created": 100, "updated": 0, "unchanged": 0, "done": 100}
        assert set(await sources_of(base)) == set(FILES)
        assert len(second.embedded) == len(FILES) - len(stored)
        assert (await ingest_folder(base, tmp_path / "docs"))["progress"]["unchanged"] == 100


async def test_uploads_that_were_accepted_survive_a_restart(tmp_path: Path) -> None:
    first = HashingEmbedder()
    first.gate.clear()
    async with reading_base(tmp_path, embedder=first, ingestion_jobs=1) as base:
        jobs = [(await upload(base.http, {f"{name}.md": name.encode()})).json()["id"] for name in ("ash", "birch")]
        await until(lambda: bool(first.calls))
    uploads = tmp_path / "data" / "rag" / "uploads"
    write(uploads, {"ing_left_behind/00000": "x", "ing_half.unfinished/00000": "x"})
    async with reading_base(tmp_path) as base:
        assert [(await ended(base.http, job))["progress"]["created"] for job in jobs] == [1, 1]
        assert set(await sources_of(base)) == {"ash.md", "birch.md"}
        await until(lambda: list(uploads.iterdir()) == [])


async def test_killed_again_and_again_an_ingestion_still_gets_done_and_embeds_nothing_stored_twice(
    tmp_path: Path,
) -> None:
    write(tmp_path / "docs", FILES)
    log = tmp_path / "embedded.log"
    environment = {
        "TILLHAND_DATA_DIR": str(tmp_path / "data"),
        "TILLHAND_INGEST_ROOTS": str(tmp_path / "docs"),
        "TILLHAND_RATE_LIMIT": "off",
        "EMBEDDED_LOG": str(log),
        "EMBED_PAUSE_S": "0.05",
    }
    chance = random.SystemRandom()
    job_id, stored = "", set[str]()
    for kill in range(KILLS + 1):
        before, most = len(_embedded(log)), chance.randint(33, 45) if kill < KILLS else 10**6
        environment["EMBED_MOST"] = str(most)
        async with service_process(SERVICE, environment) as service, _client(service, tmp_path / "data") as http:
            job_id = job_id or (await start(http, {"type": "folder", "path": str(tmp_path / "docs")}))["id"]
            assert stored <= await _held(http), "what was stored before the kill is there after it"
            if kill < KILLS:
                await _further(log, before + chance.randint(1, most))
                now_stored = await _held(http)
                service.process.kill()
            else:
                done = await ended(http, job_id)
                now_stored = await _held(http)
        assert not stored & set(_embedded(log)[before:]), "what was stored is not embedded again"
        stored = now_stored
    assert (done["state"], done["attempts"], stored) == ("done", KILLS + 1, set(FILES))
    assert (done["progress"]["done"], done["progress"]["created"]) == (len(FILES), len(FILES))


async def _further(log: Path, texts: int) -> None:
    """Wait until so many texts were to be embedded; the service never gets to the end before."""
    async with asyncio.timeout(30):
        while len(_embedded(log)) < texts:  # noqa: ASYNC110  # another process writes it
            await asyncio.sleep(0.01)


def _embedded(log: Path) -> list[str]:
    """Which files' texts were embedded, in order."""
    lines = log.read_text().splitlines() if log.exists() else []
    return [f"page{match[1]}.md" for line in lines if (match := re.search(r"Unique(\d+)", line))]


def _client(service: ServiceProcess, data_dir: Path) -> httpx.AsyncClient:
    headers = {"authorization": f"Bearer {keys.read_token(data_dir, 'operator')}"}
    return httpx.AsyncClient(base_url=service.base_url, headers=headers, timeout=30)


async def _held(http: httpx.AsyncClient) -> set[str]:
    answer = await http.get("/v1/documents", params={"limit": 500})
    return {document["source"] for document in answer.json()["items"]}


class Deadly:
    """Ingestion that the process dies of when a file holds the word."""

    def __init__(self, real: Ingesting) -> None:
        self._real = real
        self.together: list[int] = []

    async def ingest_all(self, uploads: Sequence[Upload]) -> Ingested:
        self.together.append(len(uploads))
        if any(b"poison" in upload.data for upload in uploads):
            raise RuntimeError("the process dies here")
        return await self._real.ingest_all(uploads)


async def test_a_file_that_kills_the_process_is_found_and_left_out(tmp_path: Path) -> None:
    docs = write(tmp_path / "docs", {"a.md": "Apples.", "b.md": "poison", "c.md": "Pears."})
    source = FolderSource(str(docs), str(docs))
    async with reading(tmp_path) as opened:
        deadly = Deadly(opened.base.app.state.rag.ingestion)
        opened.handler._tools = replace(opened.handler._tools, ingestion=deadly)  # noqa: SLF001  # nothing else can die
        for _ in range(1 + STRIKES):
            assert (await opened.read(source)).state == "failed"
        job = await opened.read(source)
        assert [(failure.source, failure.reason) for failure in job.failures] == [("b.md", "document-fatal")]
        assert set(await sources_of(opened.base)) == {"a.md", "c.md"}
        assert deadly.together == [3, 1, 1, 1, 1, 1]
        again = await opened.read(source)
        assert (again.state, again.progress["unchanged"], again.progress["refused"]) == ("done", 2, 1)
        write(docs, {"b.md": "Plums."})
        assert (await opened.read(source)).progress["created"] == 1
