"""Two collections of one knowledge base, `ours` and `theirs`, and a key that is bound to ours."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

import httpx

from tests.fakes.ingestions import ended, reading_base, upload, write
from tests.fakes.knowledge import Knowledge, as_document
from tillhand_common.keys import KeyStore, store_path
from tillhand_rag.routes.dependencies import decode_cursor, encode_cursor

SECRET = "zebrawort"
"""Stands in everything of theirs and in nothing of ours."""
OURS = {
    "chain.md": "# Chain\n\nOil the chain every 300 km. Rain washes the oil away.",
    "brakes.md": "# Brakes\n\nChange the pads when they are thinner than 1 mm.",
}
THEIRS = f"# Chain\n\nOil the {SECRET} chain every 70 km. Their chain, their oil, their rain and their {SECRET}."
QUESTION = "How often must I oil the chain?"
LIMIT_S = 30.0


@dataclass(frozen=True)
class Names:
    """Every name by which something of a collection can be asked for. Cursors are those that its own lists gave."""

    collection: str
    document: str
    source: str
    correction: str
    refreshed: str
    folder: str
    answer: str
    ingestion: str
    evaluation: str
    operation: str
    backup: str
    idempotency: str
    documents_cursor: str
    corrections_cursor: str
    questions_cursor: str
    ingestions_cursor: str
    sources_cursor: str
    evaluations_cursor: str

    def named(self) -> list[str]:
        """All of them, the longest first, so that none is taken for a part of another."""
        return sorted(asdict(self).values(), key=len, reverse=True)


@dataclass
class Tenancy:
    """What the operator sees (`base`), and what the bound key sees."""

    base: Knowledge
    http: httpx.AsyncClient
    folder: Path


@asynccontextmanager
async def tenancy(folder: Path, kind: Literal["operator", "service"] = "operator") -> AsyncIterator[Tenancy]:
    """A knowledge base with our documents, asked with a key of this kind that is bound to them."""
    write(folder / "theirs", {"chain.md": THEIRS})
    async with reading_base(folder, roots=f"theirs={folder / 'theirs'}") as base:
        token = KeyStore(store_path(base.data_dir)).create("bound", kind, collections=["ours"]).token
        for source, text in OURS.items():
            await base.put(source, text, collection="ours", id=f"ours-{source}")
        transport = httpx.ASGITransport(base.app, client=("127.0.0.1", 123))
        headers = {"authorization": f"Bearer {token}"}
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1", headers=headers) as http:
            yield Tenancy(base, http, folder)


def correction(collection: str, sources: list[dict[str, Any]], answer: str = f"Only {SECRET} oil.") -> dict[str, Any]:
    """A correction that answers what is asked about oil."""
    return {
        "collection": collection,
        "match": {"type": "pattern", "pattern": "which oil * chain*"},
        "answer": answer,
        "sources": sources,
        "author": "workshop",
        "last_verified": "2026-01-01T00:00:00Z",
    }


def golden(source: str) -> dict[str, Any]:
    """A golden question about the chain."""
    return {"id": "oil", "question": QUESTION, "answerable": True, "quotes": [f"{SECRET} chain"], "sources": [source]}


async def fill_theirs(shared: Tenancy) -> Names:
    """Let there be one of everything in their collection, and two of what is listed by pages."""
    http, where = shared.base.http, {"collection": "theirs"}
    for name in ("theirs-chain", "theirs-other"):
        text = {"source": f"{name}.md", "text": THEIRS, "id": name, **where}
        (await http.post("/v1/documents", json=text, headers={"idempotency-key": name})).raise_for_status()
        sources = [{"document_id": name, "quote": f"the {SECRET} chain"}]
        (await http.put(f"/v1/corrections/{name}", json=correction("theirs", sources))).raise_for_status()
        place = {"type": "folder", "path": str(shared.folder / "theirs"), "prefix": f"{name}/"}
        refreshed = {"source": place, "refresh_every_s": 86_400, **where}
        (await http.put(f"/v1/sources/{name}", json=refreshed)).raise_for_status()
        await ended(http, as_document(await upload(http, {f"{SECRET}.md": THEIRS.encode()}, **where))["id"])
        answer = await shared.base.ask(f"{QUESTION} {SECRET} {name}", **where)
    (await http.put("/v1/goldens", json={"questions": [golden("theirs-chain.md")], **where})).raise_for_status()
    evaluations = [as_document(await http.post("/v1/evaluations", json=where))["id"] for _ in range(2)]
    operation = as_document(await http.post("/v1/backups"))
    await finished(http, evaluations, operation["id"])
    return Names(
        collection="theirs",
        document="theirs-chain",
        source="theirs-chain.md",
        correction="theirs-chain",
        refreshed="theirs-chain",
        folder=str(shared.folder / "theirs"),
        answer=answer["id"],
        ingestion=(await _first(http, "ingestions", where))["id"],
        evaluation=evaluations[0],
        operation=operation["id"],
        backup=operation["backup"],
        idempotency="theirs-chain",
        **{
            f"{path.rpartition('/')[2]}_cursor": await _cursor(http, path, where)
            for path in ("documents", "corrections", "insights/questions", "ingestions", "sources", "evaluations")
        },
    )


def made_up(names: Names) -> Names:
    """Names of the same shape that nothing has: cursors lead to places in a list that nobody keeps."""
    unreal = {name: value.replace("theirs", "unreal") for name, value in asdict(names).items()}
    for name in ("answer", "ingestion", "evaluation", "operation"):
        unreal[name] = unreal[name][:4] + unreal[name][:3:-1]
    unreal["backup"] = f"{names.backup[:-1]}{'x' if names.backup[-1] != 'x' else 'y'}"
    for name in (name for name in unreal if name.endswith("_cursor")):
        place = decode_cursor(getattr(names, name)) or ""
        for real, invented in ((names.ingestion, unreal["ingestion"]), ("theirs", "unreal"), (SECRET, "quaggwort")):
            place = place.replace(real, invented)
        unreal[name] = encode_cursor(place)
    return Names(**unreal)


async def finished(http: httpx.AsyncClient, evaluations: list[str], operation: str) -> None:
    """Wait until evaluations, an operation and every ingestion of theirs have ended."""
    paths = [*(f"/v1/evaluations/{name}" for name in evaluations), f"/v1/operations/{operation}"]
    listed = as_document(await http.get("/v1/ingestions", params={"collection": "theirs"}))["items"]
    paths += [f"/v1/ingestions/{item['id']}" for item in listed]
    async with asyncio.timeout(LIMIT_S):
        for path in paths:
            while (await http.get(path)).json()["finished_at"] is None:  # noqa: ASYNC110  # jobs have no event outside
                await asyncio.sleep(0)


async def everything(http: httpx.AsyncClient) -> dict[str, Any]:
    """All that the operator can read of theirs."""
    where = {"collection": "theirs"}
    listed = ("documents", "corrections", "goldens", "ingestions", "sources", "evaluations")
    paths = [f"/v1/{name}" for name in (*listed, "insights/questions", "insights/summary")]
    paths += [f"/v1/{kind}/theirs-{name}" for kind in ("documents", "corrections") for name in ("chain", "other")]
    paths += ["/v1/documents/theirs-chain/text", "/v1/corrections/theirs-chain/history"]
    told = {path: as_document(await http.get(path, params=where)) for path in paths}
    told["/v1/insights/summary"].pop("since")
    hits = (await http.post("/v1/search", json={"query": SECRET, **where})).json()["hits"]
    collections = (await http.get("/v1/collections")).json()["items"]
    return {**told, "hits": hits, "collection": [each for each in collections if each["name"] == "theirs"]}


async def _first(http: httpx.AsyncClient, path: str, where: dict[str, str]) -> dict[str, Any]:
    found: dict[str, Any] = as_document(await http.get(f"/v1/{path}", params=where))["items"][0]
    return found


async def _cursor(http: httpx.AsyncClient, path: str, where: dict[str, str]) -> str:
    """The cursor that the first page of their list ends with."""
    cursor = as_document(await http.get(f"/v1/{path}", params={**where, "limit": "1"}))["next_cursor"]
    assert isinstance(cursor, str), path
    return cursor
