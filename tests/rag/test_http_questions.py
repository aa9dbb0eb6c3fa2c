"""Search and answers over HTTP, and who may ask what."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.fakes.knowledge import Knowledge, knowledge_base
from tests.rag.test_http_documents import problem
from tillhand_common import keys

SHIPPING = """# Shipping

## Germany

Orders over 75 EUR ship free within Germany. Parcels arrive after two working days.

## Abroad

Parcels to Austria cost 9.90 EUR. We do not ship to islands.
"""
CARE = "# Care\n\nOil the wooden board once a month. Never put it into the dishwasher.\n"


@pytest.fixture
async def base(tmp_path: Path) -> AsyncIterator[Knowledge]:
    async with knowledge_base(tmp_path) as opened:
        await opened.put("shipping.md", SHIPPING)
        await opened.put("care.md", CARE)
        yield opened


async def test_a_hit_says_where_it_stands_and_why_it_was_found(base: Knowledge) -> None:
    hit = (await base.search("oil the wooden board"))[0]
    assert hit["source"] == "care.md"
    assert hit["why"]["dense_rank"] == hit["why"]["keyword_rank"] == 1
    assert hit["why"]["matched_terms"] == ["oil", "wooden", "board"]
    span = {"start": hit["start"], "end": hit["end"]}
    text = (await base.http.get(f"/v1/documents/{hit['document_id']}/text", params=span)).json()
    assert text["text"] == hit["text"]
    assert text["version"] == hit["version"]


@pytest.mark.parametrize("mode", ["hybrid", "dense", "keyword"])
async def test_every_mode_finds_and_keeps_its_order(base: Knowledge, mode: str) -> None:
    hits = await base.search("parcels to Austria", mode=mode, top_k=2)
    assert hits[0]["source"] == "shipping.md"
    scores = [hit["score"] for hit in hits]
    assert scores == sorted(scores, reverse=True)


async def test_an_empty_or_unknown_collection_finds_nothing(base: Knowledge) -> None:
    assert await base.search("oil", collection="nowhere") == []
    assert (await base.ask("How often must I oil it?", collection="nowhere"))["answered"] is False


async def test_an_answer_quotes_the_stored_text_exactly(base: Knowledge) -> None:
    answer = await base.ask("How often should I oil the wooden board?")
    assert answer["answered"]
    assert "once a month" in answer["citations"][0]["quote"]
    for citation in answer["citations"]:
        span = {"start": citation["start"], "end": citation["end"]}
        stored = await base.http.get(f"/v1/documents/{citation['document_id']}/text", params=span)
        assert stored.json()["text"] == citation["quote"]
        assert stored.json()["version"] == citation["version"]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"query": ""}, "body.query"),
        ({"query": "x", "top_k": 0}, "body.top_k"),
        ({"query": "x", "top_k": 201}, "body.top_k"),
        ({"query": "x", "mode": "magic"}, "body.mode"),
        ({"query": "x" * 4_001}, "body.query"),
        ({"query": "x", "filters": {"brand": {"like": "a"}}}, None),
        ({"query": "x", "filters": {"price_minor": {"gt": True}}}, None),
        ({"query": "x", "collection": "UPPER"}, "body.collection"),
    ],
)
async def test_a_bad_search_names_the_field(base: Knowledge, body: dict[str, object], field: str | None) -> None:
    problem(await base.http.post("/v1/search", json=body), 422, "invalid-input", field)


async def test_a_query_is_never_syntax(base: Knowledge) -> None:
    for query in ('"', "title:care AND", "* OR NOT", "AB-12/3 (", "a:b:c^2~", "\\"):
        await base.search(query, mode="keyword")
        await base.search(query)


async def test_reading_needs_no_key_here_and_writing_does(tmp_path: Path, base: Knowledge) -> None:
    del base.http.headers["authorization"]
    assert (await base.search("oil"))[0]["source"] == "care.md"
    refused = await base.http.post("/v1/documents", json={"source": "a", "text": "x"})
    problem(refused, 401, "unauthorized")


async def test_an_agent_may_read_and_not_write(base: Knowledge) -> None:
    base.http.headers["authorization"] = f"Bearer {keys.read_token(base.data_dir, 'agent')}"
    assert await base.search("oil")
    problem(await base.http.post("/v1/documents", json={"source": "a", "text": "x"}), 403, "forbidden")


async def test_a_bound_key_sees_no_trace_of_another_collection(base: Knowledge) -> None:
    await base.put("secret.md", "The launch is in May.", collection="hidden")
    document = (await base.http.get("/v1/documents", params={"collection": "hidden"})).json()["items"][0]
    store = keys.KeyStore(keys.store_path(base.data_dir))
    made = store.create("narrow", "service", collections=["default"])
    base.http.headers["authorization"] = f"Bearer {made.token}"

    async def both(method: str, path: str, **kwargs: object) -> None:
        """A hidden collection and one that never was must answer alike."""
        answers = []
        for name in ("hidden", "never-was"):
            sent = {key: _named(value, name) for key, value in kwargs.items()}
            answer = await base.http.request(method, path.replace("NAME", name), **sent)  # type: ignore[arg-type]  # httpx's own types
            answers.append((answer.status_code, answer.text.replace(answer.headers["x-request-id"], "")))
        assert answers[0] == answers[1]
        assert answers[0][0] == 404

    name = {"collection": "NAME"}
    await both("POST", "/v1/search", json={"query": "launch", **name})
    await both("POST", "/v1/answers", json={"question": "When is the launch?", **name})
    await both("GET", "/v1/documents", params=name)
    await both("GET", f"/v1/documents/{document['id']}", params=name)
    await both("GET", f"/v1/documents/{document['id']}/text", params=name)
    await both("DELETE", f"/v1/documents/{document['id']}", params=name)
    await both("POST", "/v1/documents", json={"source": "a", "text": "x", **name})
    await both("PUT", f"/v1/documents/{document['id']}", json={"source": "a", "text": "x", **name})
    await both("DELETE", "/v1/collections/NAME")
    seen = (await base.http.get("/v1/collections")).json()["items"]
    assert [item["name"] for item in seen] == ["default"]


def _named(value: object, name: str) -> object:
    return {key: name if item == "NAME" else item for key, item in value.items()} if isinstance(value, dict) else value


async def test_readiness_reports_model_store_and_index(base: Knowledge) -> None:
    await base.refresh()
    checks = (await base.http.get("/ready")).json()["checks"]
    assert {name: checks[name]["status"] for name in ("model", "store", "index")} == dict.fromkeys(
        ("model", "store", "index"), "ok"
    )
    assert checks["model"]["data"]["backend"] == "onnxruntime"
    assert checks["store"]["data"]["documents"] == 2


async def test_a_model_that_no_longer_answers_makes_the_service_unready(base: Knowledge) -> None:
    base.embedder.available = False
    await base.refresh()
    ready = await base.http.get("/ready")
    problem(ready, 503, "not-ready")
    assert ready.json()["checks"]["model"]["status"] == "failed"


@pytest.mark.parametrize("filters", [{"brand": {}}, {"brand": {"eq": None}}])
async def test_a_filter_that_compares_with_nothing_is_refused(base: Knowledge, filters: dict[str, object]) -> None:
    answer = await base.http.post("/v1/search", json={"query": "oil", "filters": filters})
    problem(answer, 422, "invalid-filter", "body.filters.brand")


async def test_metrics_count_what_was_done(base: Knowledge) -> None:
    await base.search("oil", mode="keyword")
    await base.upload("torn.pdf", b"%PDF-1.7\nnothing follows")
    text = (await base.http.get("/metrics")).text
    assert 'rag_queries_total{mode="keyword"} 1.0' in text
    assert 'rag_ingested_documents_total{outcome="created"} 2.0' in text
    assert 'rag_refused_uploads_total{problem="document-unreadable"} 1.0' in text
