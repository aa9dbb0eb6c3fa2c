"""Corrections and insight where people meet them: in answers."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.embedder import HashingEmbedder
from tests.fakes.knowledge import Knowledge, as_document, knowledge_base
from tillhand_common import keys

QUESTION = "How long can a helmet be returned?"
QUOTE = "A helmet can be returned within 30 days."


@pytest.fixture
async def base(tmp_path: Path) -> AsyncIterator[Knowledge]:
    async with knowledge_base(tmp_path, rate_limit="off") as opened:
        await opened.put("returns.md", f"# Returns\n\n{QUOTE}", id="returns")
        yield opened


async def correct(base: Knowledge, name: str = "x", **fields: object) -> dict[str, Any]:
    body = {
        "match": {"type": "meaning", "examples": [QUESTION]},
        "answer": "Within **60 days**, until the end of May.",
        "author": "Support",
        "last_verified": "2026-01-02T03:04:05Z",
        "sources": [{"document_id": "returns", "quote": QUOTE}],
        **fields,
    }
    answer = await base.http.put(f"/v1/corrections/{name}", json=body)
    assert answer.status_code in {200, 201}, answer.text
    return as_document(answer)


async def test_a_correction_wins_over_the_sources_and_says_that_it_is_one(base: Knowledge) -> None:
    before = await base.ask(QUESTION)
    assert (before["method"], before["answer"]) == ("extractive", QUOTE)
    written = await correct(base)
    after = await base.ask(QUESTION)
    assert (after["method"], after["answer"], after["answered"]) == ("correction", written["answer"], True)
    assert (await base.ask("Where is the shop?"))["method"] == "extractive"
    await base.http.delete("/v1/corrections/x")
    assert (await base.ask(QUESTION))["answer"] == QUOTE


async def test_a_pattern_wins_and_its_changes_hold_at_once(base: Knowledge) -> None:
    pattern = {"type": "pattern", "pattern": "* helmet * returned"}
    for days in ("40", "50"):
        await correct(base, match=pattern, answer=f"{days} days.")
        assert (await base.ask(QUESTION))["answer"] == f"{days} days."
    await correct(base, match=pattern, expires_at="2020-01-01T00:00:00Z")
    assert (await base.ask(QUESTION))["answer"] == QUOTE


async def test_corrections_hold_after_a_restart_and_a_rebuild_with_another_model(tmp_path: Path) -> None:
    models = {"one": HashingEmbedder("one"), "two": HashingEmbedder("two")}
    async with knowledge_base(tmp_path, embedders=models, embedding_model="one") as base:
        await base.put("returns.md", f"# Returns\n\n{QUOTE}", id="returns")
        await correct(base)
    async with knowledge_base(tmp_path, embedders=models, embedding_model="two") as base:
        assert (await base.ask(QUESTION))["method"] == "correction"
        await base.app.state.rag.rebuilding.rebuild("main")
        assert (await base.ask(QUESTION))["method"] == "correction"
        await base.app.state.rag.rebuilding.rollback("main")
        assert (await base.ask(QUESTION))["method"] == "correction"


async def test_an_answer_can_be_spoken_of_as_soon_as_it_is_there(base: Knowledge) -> None:
    await correct(base)
    given = [await base.ask(QUESTION), await base.ask("Who is Jane Doe?")]
    assert len({answer["id"] for answer in given}) == 2
    for answer in given:
        said = await base.http.post(f"/v1/answers/{answer['id']}/feedback", json={"rating": "unhelpful"})
        assert said.status_code == 204
    groups = (await base.http.get("/v1/insights/questions")).json()["items"]
    assert {(group["question"], group["unhelpful"]) for group in groups} == {(QUESTION, 1), ("Who is [name]?", 1)}
    assert next(group["sources"] for group in groups if group["question"] == QUESTION) == ["returns"]
    methods = (await base.http.get("/v1/insights/summary")).json()["methods"]
    assert [(each["method"], each["questions"]) for each in methods] == [("correction", 1), ("extractive", 1)]


async def test_an_answer_of_another_collection_cannot_be_spoken_of(base: Knowledge) -> None:
    await base.put("a.md", "The launch is in May.", collection="hidden")
    answer = await base.ask("When is the launch?", collection="hidden")
    made = keys.KeyStore(keys.store_path(base.data_dir)).create("narrow", "service", collections=["default"])
    base.http.headers["authorization"] = f"Bearer {made.token}"
    told = []
    for name in (answer["id"], "ans_never"):
        said = await base.http.post(f"/v1/answers/{name}/feedback", json={"rating": "helpful"})
        told.append((said.status_code, said.text.replace(said.headers["x-request-id"], "")))
    assert told[0] == told[1]
    assert told[0][0] == 404
