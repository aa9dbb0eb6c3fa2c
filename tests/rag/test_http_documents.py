"""Documents over HTTP: in, read back, listed, replaced, deleted."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from tests.fakes.knowledge import Knowledge, knowledge_base
from tillhand_common.testing import settle

RETURNS = "# Returns\n\nSend it back within 30 days of delivery.\n\n## Costs\n\nWe pay for the way back.\n"


@pytest.fixture
async def base(tmp_path: Path) -> AsyncIterator[Knowledge]:
    async with knowledge_base(tmp_path) as opened:
        yield opened


def problem(answer: httpx.Response, status: int, slug: str, field: str | None = None) -> None:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["type"] == f"urn:tillhand:problem:{slug}"
    if field is not None:
        assert answer.json()["field"] == field


async def test_a_stored_text_can_be_read_back(base: Knowledge) -> None:
    batch = await base.put("returns.md", RETURNS)
    assert (batch["created"], batch["updated"], batch["unchanged"]) == (1, 0, 0)
    document = batch["documents"][0]
    assert document["title"] == "Returns"
    read = await base.http.get(f"/v1/documents/{document['id']}")
    assert read.json() == document
    text = (await base.http.get(f"/v1/documents/{document['id']}/text")).json()
    assert "within 30 days of delivery" in text["text"]
    assert text["version"] == document["version"]
    assert text["end"] == document["characters"] == len(text["text"])


async def test_a_span_of_the_text_can_be_read(base: Knowledge) -> None:
    document = (await base.put("a.txt", "Grüße aus dem Laden", media_type="text/plain"))["documents"][0]
    span = await base.http.get(f"/v1/documents/{document['id']}/text", params={"start": 2, "end": 5})
    assert span.json()["text"] == "üße"


@pytest.mark.parametrize(("start", "end"), [(3, 2), (0, 10_000), (10_000, None)])
async def test_a_span_outside_the_text_is_refused(base: Knowledge, start: int, end: int | None) -> None:
    document = (await base.put("a.txt", "short", media_type="text/plain"))["documents"][0]
    params = {"start": start} | ({} if end is None else {"end": end})
    problem(await base.http.get(f"/v1/documents/{document['id']}/text", params=params), 422, "invalid-span")


async def test_the_same_source_replaces_and_an_unchanged_one_embeds_nothing(base: Knowledge) -> None:
    first = (await base.put("returns.md", RETURNS))["documents"][0]
    calls = len(base.embedder.calls)
    again = await base.put("returns.md", RETURNS)
    assert again["unchanged"] == 1
    assert len(base.embedder.calls) == calls
    changed = await base.put("returns.md", RETURNS.replace("30", "45"))
    assert changed["updated"] == 1
    assert changed["documents"][0]["id"] == first["id"]
    assert changed["documents"][0]["version"] != first["version"]
    assert all("30 days" not in hit["text"] for hit in await base.search("within days of delivery"))


async def test_a_deleted_document_is_gone_everywhere(base: Knowledge) -> None:
    document = (await base.put("returns.md", RETURNS))["documents"][0]
    assert (await base.http.delete(f"/v1/documents/{document['id']}")).status_code == 204
    problem(await base.http.get(f"/v1/documents/{document['id']}"), 404, "document-not-found", "document_id")
    problem(await base.http.delete(f"/v1/documents/{document['id']}"), 404, "document-not-found")
    for mode in ("hybrid", "dense", "keyword"):
        assert await base.search("delivery", mode=mode) == []
    assert any("within 30 days" in text for text in base.embedder.forgotten)


async def test_the_vectors_of_what_an_upload_replaces_are_forgotten_and_of_what_stays_kept(base: Knowledge) -> None:
    await base.put("returns.md", RETURNS)
    await base.put("returns.md", RETURNS.replace("within 30 days", "within 45 days"))
    assert base.embedder.forgotten == [
        "Returns\n\nSend it back within 30 days of delivery.\n\nCosts\n\nWe pay for the way back.",
        "Returns\nSend it back within 30 days of delivery.",
    ]  # and not the sentence about the costs, which stands in the new version as well


async def test_a_client_may_name_the_document(base: Knowledge) -> None:
    answer = await base.http.put("/v1/documents/policy-1", json={"source": "p", "text": "Open on Mondays."})
    assert answer.status_code == 200
    assert answer.json()["documents"][0]["id"] == "policy-1"
    assert (await base.http.get("/v1/documents/policy-1")).json()["source"] == "p"


async def test_a_file_of_products_becomes_a_document_each_and_drops_those_that_vanish(base: Knowledge) -> None:
    def line(number: int, price: int) -> str:
        return json.dumps(
            {
                "id": f"p{number}",
                "sku": f"AB-{number}",
                "title": f"Kettle {number}",
                "description": "Boils water.",
                "brand": "Aster",
                "category": "Kettles",
                "price_minor": price,
                "currency": "EUR",
                "availability": "in_stock",
                "url": f"/products/kettle-{number}",
                "attributes": {"litres": 1.5},
            }
        )

    lines = [line(number, 1_000 * number) for number in range(1, 4)]
    stored = await base.upload("products.jsonl", "\n".join(lines).encode())
    assert stored.status_code == 201, stored.text
    assert stored.json()["created"] == 3
    dear = await base.search("kettle", filters={"price_minor": {"gte": 2_000}, "brand": "Aster"})
    assert sorted(hit["attributes"]["sku"] for hit in dear) == ["AB-2", "AB-3"]
    fewer = (await base.upload("products.jsonl", "\n".join(lines[:2]).encode())).json()
    assert fewer["unchanged"] == 2
    assert {hit["attributes"]["sku"] for hit in await base.search("kettle")} == {"AB-1", "AB-2"}


async def test_a_named_file_replaces_all_of_its_records(base: Knowledge) -> None:
    def product(number: int) -> str:
        return json.dumps({"id": f"p {number}/x", "title": f"Kettle {number}", "description": "Boils."})

    async def put(name: str, text: str) -> list[str]:
        file = {"file": (name, text.encode())}
        answer = await base.http.put("/v1/documents/catalogue", files=file, data={"source": name})
        assert answer.status_code == 200, answer.text
        return [document["id"] for document in answer.json()["documents"]]

    three = await put("products.jsonl", "\n".join(product(number) for number in range(3)))
    for name in three:
        assert (await base.http.get(f"/v1/documents/{name}")).status_code == 200
    assert await put("products.jsonl", product(1)) == [three[1]]
    assert [hit["document_id"] for hit in await base.search("kettle")] == [three[1]]
    assert await put("plain.txt", "Only text now.") == ["catalogue"]
    assert await base.search("kettle", mode="keyword") == []


async def test_two_uploads_of_one_source_take_turns(base: Knowledge) -> None:
    base.embedder.gate.clear()
    first = asyncio.create_task(base.put("a.md", "# One\n\nThe first version."))
    second = asyncio.create_task(base.put("a.md", "# Two\n\nThe second version."))
    await settle(200)
    base.embedder.gate.set()
    done = await asyncio.gather(first, second)
    assert sorted((batch["created"], batch["updated"]) for batch in done) == [(0, 1), (1, 0)]
    assert len((await base.http.get("/v1/documents")).json()["items"]) == 1


async def test_documents_are_listed_by_pages(base: Knowledge) -> None:
    for number in range(5):
        await base.put(f"{number}.txt", f"Text number {number}", media_type="text/plain")
    seen, cursor = [], None
    for _ in range(3):
        params: dict[str, str | int] = {"limit": 2} | ({"cursor": cursor} if cursor else {})
        page = (await base.http.get("/v1/documents", params=params)).json()
        seen += [item["id"] for item in page["items"]]
        cursor = page["next_cursor"]
    assert cursor is None
    assert seen == sorted(set(seen))
    assert len(seen) == 5
    problem(await base.http.get("/v1/documents", params={"cursor": "ä"}), 422, "invalid-cursor", "cursor")


@pytest.mark.parametrize(
    ("filename", "data", "status", "slug"),
    [
        ("empty.md", b"", 422, "document-empty"),
        ("blank.txt", b" \n\t\n", 422, "document-empty"),
        ("picture.png", b"\x89PNG\r\n\x1a\n" + bytes(64), 415, "document-unsupported"),
        ("picture.pdf", b"\x89PNG\r\n\x1a\n" + bytes(64), 422, "document-mislabelled"),
        ("torn.pdf", b"%PDF-1.7\nnothing follows", 422, "document-unreadable"),
        ("broken.jsonl", b'{"id": "a"\n', 422, "document-unreadable"),
    ],
)
async def test_a_bad_file_gets_a_clear_problem_and_leaves_nothing_behind(
    base: Knowledge, filename: str, data: bytes, status: int, slug: str
) -> None:
    problem(await base.upload(filename, data), status, slug)
    assert (await base.http.get("/v1/documents")).json()["items"] == []
    assert (await base.http.get("/v1/collections")).json()["items"] == []


@pytest.mark.parametrize(
    ("body", "status", "slug", "field"),
    [
        (b"{", 400, "malformed-body", None),
        (b'{"text": "x"}', 422, "invalid-input", "body.source"),
        (b'{"source": "s", "text": ""}', 422, "invalid-input", "body.text"),
        (b'{"source": "s", "text": "x", "colour": 1}', 422, "invalid-input", "body.colour"),
        (b'{"source": "s", "text": "x", "attributes": {"a": NaN}}', 422, "invalid-input", None),
        (b'{"source": "s", "text": "x", "attributes": {"a": 1e999}}', 422, "invalid-input", None),
        (b'{"source": "s", "text": "x", "attributes": {"a": "\\ud800"}}', 422, "invalid-input", None),
        (b'{"source": "s", "text": "x", "attributes": {"\\ud800": 1}}', 422, "invalid-input", None),
        (b'{"source": "s", "text": "x", "attributes": {"a": ' + b"9" * 5_000 + b"}}", 400, "malformed-body", None),
        (b"[" * 100_000, 400, "malformed-body", None),
        (b'{"source": "s", "text": "x", "collection": "../other"}', 422, "invalid-input", "body.collection"),
    ],
)
async def test_a_bad_body_names_the_field(
    base: Knowledge, body: bytes, status: int, slug: str, field: str | None
) -> None:
    answer = await base.http.post("/v1/documents", content=body, headers={"content-type": "application/json"})
    problem(answer, status, slug, field)
    assert "../other" not in answer.text


async def test_a_number_that_is_none_in_front_matter_is_left_out(base: Knowledge) -> None:
    stored = await base.put("a.md", "---\nrating: .nan\nweight: 3\n---\nSome text.")
    assert "rating" not in stored["documents"][0]["attributes"]


async def test_an_upload_of_another_content_type_is_refused(base: Knowledge) -> None:
    answer = await base.http.post("/v1/documents", content=b"x", headers={"content-type": "text/plain"})
    problem(answer, 415, "unsupported-media-type")


async def test_a_form_without_a_file_or_with_bad_attributes_names_the_field(base: Knowledge) -> None:
    no_file = await base.http.post("/v1/documents", data={"source": "s"}, files={"other": b"x"})
    problem(no_file, 422, "invalid-input")
    problem(await base.upload("a.txt", b"text", attributes="{"), 422, "invalid-input", "attributes")
    problem(await base.upload("a.txt", b"text", attributes='{"a": [1]}'), 422, "invalid-input")
    problem(await base.upload("a.txt", b"text", attributes="[" * 50_000), 422, "invalid-input", "attributes")


async def test_a_document_that_cannot_be_embedded_is_not_stored(base: Knowledge) -> None:
    base.embedder.available = False
    answer = await base.http.post("/v1/documents", json={"source": "a", "text": "Some text."})
    problem(answer, 503, "embedder-unavailable")
    assert (await base.http.get("/v1/documents")).json()["items"] == []


async def test_a_deleted_collection_takes_its_documents_along(base: Knowledge) -> None:
    await base.put("a.txt", "Alpha", media_type="text/plain", collection="one")
    await base.put("a.txt", "Alpha", media_type="text/plain", collection="two")
    assert (await base.http.delete("/v1/collections/one")).status_code == 204
    problem(await base.http.delete("/v1/collections/one"), 404, "collection-not-found")
    held = (await base.http.get("/v1/collections")).json()["items"]
    assert [(item["name"], item["documents"]) for item in held] == [("two", 1)]
    assert await base.search("alpha", collection="one") == []


async def test_everything_is_there_after_a_restart(tmp_path: Path) -> None:
    async with knowledge_base(tmp_path) as base:
        document = (await base.put("returns.md", RETURNS))["documents"][0]
    async with knowledge_base(tmp_path) as base:
        assert (await base.http.get(f"/v1/documents/{document['id']}")).json() == document
        for mode in ("hybrid", "dense", "keyword"):
            assert (await base.search("delivery", mode=mode))[0]["document_id"] == document["id"]


@pytest.mark.parametrize(
    ("fields", "title"),
    [
        ({"source": "policies/return-policy.md"}, "Return policy"),
        ({"source": "https://shop.example/help/delivery_times"}, "Delivery times"),
        ({"source": "https://shop.example/help/return%20policy.html?id=1.2#costs"}, "Return policy"),
        ({"source": "Dr. Smith's letter"}, "Dr. Smith's letter"),
        ({"source": "4711"}, ""),
        ({"source": "4b0f3c1e-9d2a-4c55-8f10-0a6d1f7e2b33"}, ""),
        ({"source": "returns.md", "title": " "}, ""),
        ({"source": "returns.md", "title": "Sending back"}, "Sending back"),
    ],
)
async def test_a_text_without_a_heading_is_named_after_its_source(
    base: Knowledge, fields: dict[str, str], title: str
) -> None:
    stored = await base.put(text="Within thirty days.", **fields)
    assert stored["documents"][0]["title"] == title
    assert base.embedder.calls[-1] == [f"{title}\nWithin thirty days." if title else "Within thirty days."]


async def test_collections_are_listed_by_name_in_pages(base: Knowledge) -> None:
    for name in ("c", "a", "b"):
        await base.put("x.txt", "Words.", media_type="text/plain", collection=name)
    first = (await base.http.get("/v1/collections", params={"limit": 2})).json()
    assert [item["name"] for item in first["items"]] == ["a", "b"]
    rest = (await base.http.get("/v1/collections", params={"limit": 2, "cursor": first["next_cursor"]})).json()
    assert ([item["name"] for item in rest["items"]], rest["next_cursor"]) == (["c"], None)
