"""The service killed at any moment of ingestions, deletes, rebuilds and backups: what it acknowledged is there, whole.

`TILLHAND_CRASH_ROUNDS` sets how often it is killed; a few times by default.
"""

from __future__ import annotations

import asyncio
import os
import random
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from tillhand_common import keys
from tillhand_common.testing import ServiceProcess, service_process

SCRIPT = Path(__file__).resolve().parents[1] / "fakes" / "hashing_service.py"
ROUNDS = int(os.environ.get("TILLHAND_CRASH_ROUNDS", "2"))
LONGEST_PAUSE_S = 0.9
FILES = 40
NAMES = [f"note{number}" for number in range(8)]
BIG = ("ingestion", "rebuild", "rollback", "backup")


@dataclass
class Expected:
    """What was acknowledged; `unsure` is what was asked for when the service died: either may be so."""

    texts: dict[str, str] = field(default_factory=dict)
    unsure: dict[str, tuple[str | None, str | None]] = field(default_factory=dict)
    backups: set[str] = field(default_factory=set)
    ready_s: list[float] = field(default_factory=list)
    steps: int = 0


def text_of(name: str, step: int) -> str:
    """A text of a few passages, each of which says whose and of which step it is."""
    return "\n\n".join(f"Part {part}: {name} of step{step} says {'oil and chain ' * 40}." for part in range(3))


def folder(tmp_path: Path) -> Path:
    """Files that every ingestion reads."""
    root = tmp_path / "files"
    root.mkdir(exist_ok=True)
    for number in range(FILES):
        (root / f"file{number}.md").write_text(text_of(f"file{number}", 0))
    return root


async def ready(http: httpx.AsyncClient) -> None:
    async with asyncio.timeout(30):
        while (await http.get("/ready?for=traffic")).status_code != 200:  # noqa: ASYNC110  # another process tells nobody
            await asyncio.sleep(0.02)


async def write(http: httpx.AsyncClient, expected: Expected, chance: random.Random) -> None:
    """Put and delete documents one after the other until the service is gone."""
    while True:
        expected.steps += 1
        name = chance.choice(NAMES)
        before = expected.texts.get(name)
        text = None if before and chance.random() < 0.3 else text_of(name, expected.steps)
        expected.unsure = {name: (before, text)}
        if text is None:
            answer = await http.delete(f"/v1/documents/{name}")
        else:
            answer = await http.put(
                f"/v1/documents/{name}", json={"source": name, "text": text, "media_type": "text/plain"}
            )
        assert answer.status_code in {200, 204}, answer.text
        expected.texts.pop(name, None)
        if text is not None:
            expected.texts[name] = text
        expected.unsure = {}


async def begin(http: httpx.AsyncClient, what: str, files: Path) -> None:
    if what == "ingestion":
        source = {"type": "folder", "path": str(files), "prefix": "files/"}
        answer = await http.post("/v1/ingestions", json={"collection": "folder", "source": source})
    elif what == "rollback":
        answer = await http.post("/v1/rollbacks", json={})
        assert answer.status_code in {202, 409}, answer.text
        return
    else:
        answer = await http.post(f"/v1/{what}s", json={})
    assert answer.status_code == 202, answer.text


async def killed(service: ServiceProcess, http: httpx.AsyncClient, expected: Expected, files: Path, seed: str) -> None:
    """Let writers and one long operation work, and kill the service after a moment."""
    chance = random.Random(seed)  # noqa: S311  # moments and operations, not secrets
    await begin(http, chance.choice(BIG), files)
    writing = asyncio.create_task(write(http, expected, chance))
    await asyncio.sleep(chance.uniform(0, LONGEST_PAUSE_S))  # the moment of the kill is what is random here
    service.process.kill()
    ended = (await asyncio.gather(writing, return_exceptions=True))[0]
    assert isinstance(ended, httpx.TransportError), ended


async def check(http: httpx.AsyncClient, expected: Expected, data: Path) -> None:
    """Everything acknowledged is there as a whole, and nothing else."""
    held = await texts(http, "default")
    for name, (before, after) in expected.unsure.items():
        assert held.get(name) in {before, after}, name
        expected.texts.pop(name, None)
        if (now := held.get(name)) is not None:
            expected.texts[name] = now
    expected.unsure = {}
    assert held == expected.texts
    for name, text in (await texts(http, "folder")).items():
        assert text.count(f" of step{0} ") == 3, name
    layout = (data / "rag" / "layout.json").read_text()
    orphans = [path.name for path in (data / "rag" / "indexes").iterdir() if f'"{path.name}"' not in layout]
    building = [name for name in orphans if (await jobs(http, "rebuild"))]
    assert orphans == building, "a folder that is named nowhere belongs to a rebuild that goes on"


async def texts(http: httpx.AsyncClient, collection: str) -> dict[str, str]:
    """Every document by id: its text, once a search finds every passage of it.

    A resumed job may be writing: what it has committed and not acknowledged is found a moment later, never never.
    """
    listed = (await http.get("/v1/documents", params={"collection": collection, "limit": 500})).json()["items"]
    found = {}
    for item in listed:
        told = (await http.get(f"/v1/documents/{item['id']}/text", params={"collection": collection})).json()
        assert told["version"] == item["version"]
        found[item["id"]] = told["text"]
        async with asyncio.timeout(10):
            while await passages(http, collection, item["id"], told["text"]) != item["chunks"]:  # noqa: ASYNC110  # as above
                await asyncio.sleep(0.05)
    return found


async def passages(http: httpx.AsyncClient, collection: str, name: str, text: str) -> int:
    """How many passages of a document a search finds."""
    query = {"query": text[:40], "collection": collection, "mode": "keyword", "top_k": 200}
    answer = await http.post("/v1/search", json={**query, "filters": {"document_id": name}})
    return len(answer.json()["hits"])


async def jobs(http: httpx.AsyncClient, kind: str) -> list[dict[str, Any]]:
    items = (await http.get("/v1/operations", params={"kind": kind})).json()["items"]
    return [item for item in items if item["state"] in {"queued", "running"}]


async def finished(http: httpx.AsyncClient) -> None:
    """Wait until everything that was begun has ended."""
    async with asyncio.timeout(60):
        while await unfinished(http):  # noqa: ASYNC110  # as above
            await asyncio.sleep(0.05)


async def unfinished(http: httpx.AsyncClient) -> list[dict[str, Any]]:
    ingestions = (await http.get("/v1/ingestions")).json()["items"]
    reading = [item for item in ingestions if item["state"] in {"queued", "running"}]
    return reading + [job for kind in ("rebuild", "rollback", "backup") for job in await jobs(http, kind)]


async def test_a_service_killed_in_the_middle_of_anything_comes_back_whole(tmp_path: Path) -> None:
    seed = random.SystemRandom().randint(0, 10**9)
    data, files, expected = tmp_path / "data", folder(tmp_path), Expected()
    environment = {
        "TILLHAND_DATA_DIR": str(data),
        "TILLHAND_RATE_LIMIT": "off",
        "TILLHAND_INGEST_ROOTS": str(files),
    }
    for number in range(ROUNDS + 1):
        started = time.perf_counter()
        async with service_process(SCRIPT, environment) as service:
            headers = {"authorization": f"Bearer {keys.read_token(data, 'operator')}"}
            async with httpx.AsyncClient(base_url=service.base_url, headers=headers, timeout=60) as http:
                await ready(http)
                expected.ready_s.append(time.perf_counter() - started)
                await check(http, expected, data)
                if number < ROUNDS:
                    await killed(service, http, expected, files, f"{seed}-{number}")
                    continue
                await finished(http)
                await check(http, expected, data)
                await begin(http, "ingestion", files)
                await finished(http)
                assert len(await texts(http, "folder")) == FILES
                assert not [path for path in (data / "backups").glob("*") if not path.name.endswith(".tar")]
                assert not list((data / "rag" / "uploads").glob("*"))
    print(f"seed {seed}: {ROUNDS} kills, ready after at most {max(expected.ready_s):.1f} s")  # noqa: T201  # for `make prove`
