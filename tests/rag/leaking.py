"""A program: serves the knowledge base, asks the same mixed requests round after round, prints what the rounds left.

In a process of its own, for what it counts is the whole process. Prints JSON: `statuses` (of each kind of round that
there was, in order), `grown` (what there is more of, by name), `grown_bytes`."""

from __future__ import annotations

import asyncio
import gc
import json
import sys
import threading
import tracemalloc
from collections import Counter, deque
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures.thread import _threads_queues as POOLS  # noqa: N812  # which executor a thread works for
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any, Final, Self
from weakref import WeakKeyDictionary, WeakSet, WeakValueDictionary

import httpx
from anyio._backends._asyncio import WorkerThread

from tests.fakes.embedder import HashingEmbedder
from tests.fakes.ingestions import events, upload
from tillhand_common import keys
from tillhand_common.testing import running, settle
from tillhand_rag.app import create_app
from tillhand_rag.settings import RagSettings

WARM_UP: Final = 1
"""Rounds until every cache that is bounded has been filled, and whatever is made once has been made."""
ROUNDS: Final = 3
OURS: Final = ("tillhand_rag", "tillhand_common")
TEXT: Final = "# Oil\n\nOil the chain every 300 km, and after rain.\n\n# Wax\n\nWax lasts for 500 km in dry weather.\n"
MANY: Final = "\n".join(f'{{"id": "many-{n}", "source": "many-{n}", "text": "Part {n} fits."}}' for n in range(4))
CONTAINERS: Final = (dict, list, set, deque, WeakSet, WeakKeyDictionary, WeakValueDictionary)
"""What entries are counted in; an array or a text has none."""
COUNTED: Final[Mapping[str, Callable[[], int]]] = {
    "open files": lambda: sum("truth.sqlite3" not in str(file.resolve()) for file in Path("/proc/self/fd").iterdir()),
    "threads": lambda: sum(not _of_a_pool(thread) for thread in threading.enumerate()),
    "pools": lambda: len({id(queue) for queue in POOLS.values()}),
    "tasks": lambda: len(asyncio.all_tasks()),
}
"""Beside what is ours; of the store each thread that reads has files of its own, and a pool fills as it likes."""
TIMERS: Final = 500
EVENTS: Final = {"accept": "text/event-stream"}
LINES: Final = {"content-type": "application/x-ndjson"}


class ForgetfulEmbedder(HashingEmbedder):
    """One that does not remember what it was asked."""

    async def embed(self, texts: Any, *, bulk: bool = False) -> Any:  # noqa: ANN401  # as the other one has it
        self.calls.clear()
        self.forgotten.clear()
        return await super().embed(texts, bulk=bulk)


@asynccontextmanager
async def served(folder: Path) -> AsyncIterator[tuple[str, dict[str, str]]]:
    """The service on a socket, its caches so small that a round fills them."""
    # One thread, that has been at work before anything is counted: each keeps a connection to the store.
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(1))
    settings = RagSettings(
        data_dir=folder, answer_cache_entries=4, insight_rows=8, max_body_bytes=2**16, rate_limit="off"
    )
    keys.bootstrap(folder)
    async with running(create_app(settings, embedder=ForgetfulEmbedder())) as base_url:
        yield base_url, {"authorization": f"Bearer {keys.read_token(folder, 'operator')}"}


async def one_round(http: httpx.AsyncClient) -> list[int]:
    """Every kind of request a few times, all that was put deleted again; the statuses."""
    statuses = []
    for n in range(2):
        statuses += await kept(http, f"d{n}")
        statuses += await asked(http, f"How often must I oil the chain in part {n}?")
    statuses += await worked(http)
    statuses += await refused(http)
    for name in ("d0", "d1", *(f"many-{n}" for n in range(4))):
        statuses.append((await http.delete(f"/v1/documents/{name}")).status_code)
    statuses.append((await http.get("/v1/insights/summary")).status_code)  # once what was asked has been recorded
    return statuses


async def kept(http: httpx.AsyncClient, name: str) -> list[int]:
    """Documents and corrections written and read."""
    body = {"source": name, "text": TEXT, "attributes": {"group": name}}
    correction = {
        "match": {"type": "meaning", "examples": [f"Where is {name}?"], "threshold": 0.99},
        "answer": "Here.",
        "author": "workshop",
        "last_verified": "2026-01-01T00:00:00Z",
    }
    answers = [
        await http.put(f"/v1/documents/{name}", json=body),
        await http.put(f"/v1/documents/{name}", json={**body, "text": f"{TEXT} Second edition."}),
        await http.post("/v1/documents", content=MANY, headers=LINES),
        await http.get(f"/v1/documents/{name}/text"),
        await http.get("/v1/documents", params={"limit": 2}),
        await http.put(f"/v1/corrections/{name}", json=correction),
        await http.post("/v1/corrections/match", json={"question": f"Where is {name}?"}),
        await http.delete(f"/v1/corrections/{name}"),
    ]
    return [answer.status_code for answer in answers]


async def asked(http: httpx.AsyncClient, question: str) -> list[int]:
    """Searches, answers, streams heard to the end and left."""
    searches = [
        await http.post("/v1/search", json={"query": question, "mode": mode, "filters": {"group": "d0"}})
        for mode in ("hybrid", "dense", "keyword")
    ]
    given = await http.post("/v1/answers", json={"question": question})
    said = await http.post(f"/v1/answers/{given.json()['id']}/feedback", json={"rating": "helpful", "comment": "ok"})
    heard = await http.post("/v1/answers", json={"question": question}, headers=EVENTS)
    async with http.stream("POST", "/v1/answers", json={"question": f"{question} Now"}, headers=EVENTS) as left:
        await anext(left.aiter_lines())
    chat = {"model": "tillhand/default", "messages": [{"role": "user", "content": question}]}
    completed = await http.post("/v1/chat/completions", json=chat)
    return [answer.status_code for answer in (*searches, given, said, heard, left, completed)]


async def worked(http: httpx.AsyncClient) -> list[int]:
    """An ingestion watched to its end by one and left by another, an evaluation, and all of it forgotten."""
    started = await upload(http, {"a.md": TEXT.encode(), "b.html": b"<p>Bread and oil.</p>"}, collection="inbox")
    async with http.stream("GET", started.headers["location"], headers=EVENTS) as left:
        await anext(left.aiter_lines())
    await events(http, started.json()["id"])
    golden = {"id": "oil", "question": "How often?", "answerable": True, "quotes": ["every 300 km"]}
    body = {"collection": "inbox", "data": {"type": "goldens", "questions": [golden]}}
    evaluation = await http.post("/v1/evaluations", json=body)
    async with asyncio.timeout(10):
        while (await http.get(evaluation.headers["location"])).json()["finished_at"] is None:
            pass
    deleted = await http.delete("/v1/collections/inbox")
    return [answer.status_code for answer in (started, left, evaluation, deleted)]


async def refused(http: httpx.AsyncClient) -> list[int]:
    """What nobody should send, and what a monitor asks for."""
    nobody = {"authorization": "Bearer nobody"}
    answers = [
        await http.post("/v1/search", content=b"{", headers={"content-type": "application/json"}),
        await http.post("/v1/documents", json={"source": "s", "text": "t"}, headers=nobody),
        await http.get("/v1/documents/nowhere"),
        await http.get("/nowhere"),
        await http.post("/v1/documents", content=b"x" * 2**17, headers={"content-type": "application/json"}),
        await http.post("/v1/documents", content=b"x", headers={"content-type": "text/plain"}),
        await http.post("/v1/search", json={"query": ""}),
        await http.get("/health"),
        await http.get("/ready"),
        await http.get("/metrics"),
    ]
    return [answer.status_code for answer in answers]


@dataclass(frozen=True)
class Held:
    """What the process holds at a moment, counted."""

    counts: Counter[str]

    @classmethod
    def now(cls) -> Self:
        """Objects and modules of ours, entries of their containers, files, threads and tasks."""
        gc.collect()
        counts = Counter({name: count() for name, count in COUNTED.items()})
        for each in gc.get_objects():
            name = _name(each)
            if name.startswith(OURS):
                counts[name] += 1
                for attribute, value in _attributes(each):
                    if isinstance(value, CONTAINERS):
                        counts[f"{name}.{attribute}"] += len(value)
        return cls(counts)

    def grown(self, before: Held) -> dict[str, int]:
        """What there is more of, once for each round or oftener: a leak."""
        return {name: count for name, count in (self.counts - before.counts).items() if count >= ROUNDS}


async def quiet() -> None:
    """Let the server see that its clients have gone, and the loop forget cancelled timers: once they are the most."""
    for _ in range(TIMERS):
        asyncio.get_running_loop().call_later(3_600, print).cancel()
    await settle(50)


def traced_bytes() -> int:
    """What Python holds of what it has asked for since the tracing began."""
    gc.collect()
    return tracemalloc.get_traced_memory()[0]


def _of_a_pool(thread: threading.Thread) -> bool:
    """How many of these there are says how much has ever been done at once; anyio's have a limit as executors have."""
    return thread in POOLS or isinstance(thread, WorkerThread)


def _name(each: object) -> str:
    """Asked of the type alone: another library's object may warn, or fail, when one of its attributes is read."""
    kind = type(each)
    return str(vars(each).get("__name__")) if issubclass(kind, ModuleType) else f"{kind.__module__}.{kind.__qualname__}"


def _attributes(each: object) -> Iterator[tuple[str, object]]:
    slots = (name for kind in type(each).__mro__ for name in getattr(kind, "__slots__", ()))
    for name in {*slots, *getattr(each, "__dict__", ())}:
        with suppress(AttributeError):
            yield name, getattr(each, name)


async def left_by_rounds(folder: Path) -> dict[str, Any]:
    """What the rounds after the first two left that had not been there."""
    async with (
        served(folder) as (base_url, headers),
        httpx.AsyncClient(base_url=base_url, headers=headers, timeout=30) as http,
    ):

        async def rounds(count: int) -> set[tuple[int, ...]]:
            statuses = {tuple(await one_round(http)) for _ in range(count)}
            await quiet()
            return statuses

        statuses = await rounds(WARM_UP)
        tracemalloc.start()
        statuses |= await rounds(1)  # what takes the place of what has not been traced
        before, before_bytes = Held.now(), traced_bytes()
        statuses |= await rounds(ROUNDS)
        after_bytes, after = traced_bytes(), Held.now()
        tracemalloc.stop()
    return {
        "statuses": sorted(statuses),
        "grown": after.grown(before),
        "grown_bytes": after_bytes - before_bytes,
    }


if __name__ == "__main__":
    print(json.dumps(asyncio.run(left_by_rounds(Path(sys.argv[1])))))  # noqa: T201  # a program's answer
