"""Ingestions and sources of other collections do not exist for a key that may not see them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest

from tests.fakes.ingestions import ended, reading_base, start, upload, write
from tests.fakes.knowledge import Knowledge, as_document
from tillhand_common.keys import KeyStore, store_path


@pytest.fixture
async def base(tmp_path: Path) -> AsyncIterator[Knowledge]:
    write(tmp_path / "docs", {"a.md": "Apples."})
    async with reading_base(tmp_path) as opened:
        yield opened


@asynccontextmanager
async def foreign(base: Knowledge, *scopes: str) -> AsyncIterator[httpx.AsyncClient]:
    """A client whose key is bound to another collection."""
    store = KeyStore(store_path(base.data_dir))
    token = store.create("foreign", "service", collections=["other"], scopes=scopes or ["rag:read", "rag:write"]).token
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(base.app, client=("127.0.0.1", 123)),
        base_url="http://127.0.0.1",
        headers={"authorization": f"Bearer {token}"},
    ) as http:
        yield http


def without_instance(answer: httpx.Response) -> tuple[int, dict[str, object]]:
    return answer.status_code, {**as_document(answer), "instance": ""}


async def test_a_foreign_job_is_answered_like_one_that_does_not_exist(base: Knowledge, tmp_path: Path) -> None:
    job = await start(base.http, {"type": "folder", "path": str(tmp_path / "docs")})
    unknown = "ing_" + "0" * 24
    async with foreign(base) as http:
        for method, suffix, headers in (
            ("GET", "", {}),
            ("GET", "", {"accept": "text/event-stream"}),
            ("POST", "/cancel", {}),
        ):
            answers = [
                await http.request(method, f"/v1/ingestions/{name}{suffix}", headers=headers)
                for name in (job["id"], unknown)
            ]
            assert without_instance(answers[0]) == without_instance(answers[1])
            assert answers[0].status_code == 404
        listed = as_document(await http.get("/v1/ingestions"))
        assert listed == {"items": [], "next_cursor": None}
        assert (await http.get("/v1/ingestions", params={"collection": "default"})).status_code == 404
    assert (await ended(base.http, job["id"]))["state"] == "done"


async def test_a_foreign_collection_takes_neither_ingestions_nor_sources(base: Knowledge, tmp_path: Path) -> None:
    source = {"type": "urls", "urls": ["https://shop.example/"]}
    async with foreign(base) as http:
        for answer in (
            await http.post("/v1/ingestions", json={"source": source}),
            await upload(http, {"a.md": b"x"}),
            await http.put("/v1/sources/shop", json={"source": source, "refresh_every_s": 60}),
            await http.get("/v1/sources/shop"),
            await http.delete("/v1/sources/shop"),
            await http.get("/v1/sources", params={"collection": "default"}),
        ):
            assert (answer.status_code, answer.json()["detail"]) == (404, "There is no such collection.")
    assert not (tmp_path / "data" / "rag" / "uploads").exists()


async def test_sources_of_other_collections_are_neither_seen_nor_counted(base: Knowledge, tmp_path: Path) -> None:
    wanted = {"source": {"type": "folder", "path": str(tmp_path / "docs")}, "refresh_every_s": 60}
    for number in range(3):
        assert (await base.http.put(f"/v1/sources/s{number}", json=wanted)).status_code == 201
    async with foreign(base) as http:
        assert as_document(await http.get("/v1/sources", params={"limit": 1})) == {"items": [], "next_cursor": None}
        asked = {**wanted, "collection": "other", "source": {"type": "sitemap", "url": "https://127.0.0.1/s.xml"}}
        assert (await http.put("/v1/sources/s0", json=asked)).status_code == 201
        listed = as_document(await http.get("/v1/sources"))["items"]
        assert [(each["collection"], each["id"]) for each in listed] == [("other", "s0")]
    kept = as_document(await base.http.get("/v1/sources/s0"))
    assert kept["source"]["type"] == "folder"


async def test_who_may_only_read_starts_and_stops_nothing(base: Knowledge, tmp_path: Path) -> None:
    job = await start(base.http, {"type": "folder", "path": str(tmp_path / "docs")}, collection="other")
    async with foreign(base, "rag:read") as http:
        assert (await http.get(f"/v1/ingestions/{job['id']}")).status_code == 200
        for answer in (
            await http.post(f"/v1/ingestions/{job['id']}/cancel"),
            await upload(http, {"a.md": b"x"}, collection="other"),
            await http.delete("/v1/sources/shop", params={"collection": "other"}),
        ):
            assert answer.status_code == 403


async def test_ingestions_are_listed_the_newest_first_a_page_at_a_time(base: Knowledge, tmp_path: Path) -> None:
    ids = []
    for collection in ("default", "other", "default"):
        job = await start(base.http, {"type": "folder", "path": str(tmp_path / "docs")}, collection=collection)
        await ended(base.http, job["id"])
        ids.append(job["id"])
    first = as_document(await base.http.get("/v1/ingestions", params={"limit": 2}))
    rest = as_document(await base.http.get("/v1/ingestions", params={"cursor": first["next_cursor"]}))
    assert [each["id"] for each in first["items"] + rest["items"]] == ids[::-1]
    assert rest["next_cursor"] is None
    only = as_document(await base.http.get("/v1/ingestions", params={"collection": "other"}))
    assert [each["id"] for each in only["items"]] == [ids[1]]
    wrong = await base.http.get("/v1/ingestions", params={"cursor": "bm9uc2Vuc2U"})
    assert (wrong.status_code, wrong.json()["type"]) == (422, "urn:tillhand:problem:invalid-cursor")


async def test_a_repeated_request_under_one_key_starts_one_ingestion(base: Knowledge) -> None:
    sent = {"files": {"file": ("a.md", b"Apples.")}, "headers": {"idempotency-key": "once"}}
    first = await base.http.post("/v1/ingestions", **sent)  # type: ignore[arg-type]  # keyword arguments of several types
    again = await base.http.post("/v1/ingestions", **sent)  # type: ignore[arg-type]  # as above
    assert first.json()["id"] == again.json()["id"]
    assert len(as_document(await base.http.get("/v1/ingestions"))["items"]) == 1
