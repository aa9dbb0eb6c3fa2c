"""Corrections over HTTP: written, versioned, audited, expired, and which of them wins."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.fakes.knowledge import Knowledge, as_document, knowledge_base
from tillhand_common import keys

PATTERN: dict[str, object] = {"type": "pattern", "pattern": "* bitcoin *"}
URL = "/v1/corrections"

NO_CORRECTIONS: tuple[tuple[dict[str, object], str, str | None], ...] = (
    ({"match": {"type": "pattern", "pattern": "*"}}, "invalid-pattern", None),
    ({"match": {"type": "pattern", "pattern": "(a+)+"}}, "invalid-pattern", None),
    ({"match": {"type": "regex", "pattern": "a"}}, "invalid-input", "body.match"),
    ({"match": {"type": "meaning", "examples": []}}, "invalid-input", None),
    ({"answer": " \n"}, "invalid-input", "body.answer"),
    ({"answer": "x" * 20_001}, "invalid-input", "body.answer"),
    ({"last_verified": "2026-01-02"}, "invalid-input", "body.last_verified"),
    ({"last_verified": 5}, "invalid-input", "body.last_verified"),
    ({"expires_at": "9999-12-31T23:59:59-14:00"}, "invalid-input", "body.expires_at"),
    ({"sources": [{"url": "ftp://example.com"}]}, "invalid-input", None),
    ({"author": ""}, "invalid-input", "body.author"),
)


@pytest.fixture
async def base(tmp_path: Path) -> AsyncIterator[Knowledge]:
    async with knowledge_base(tmp_path, rate_limit="off") as opened:
        await opened.put("payment.md", "# Payment\n\nWe take cards. Bitcoin is not accepted.", id="payment")
        yield opened


def body(match: Mapping[str, object] | None = None, **fields: object) -> dict[str, Any]:
    return {
        "match": match or PATTERN,
        "answer": "No, we take cards only.",
        "author": "Support",
        "last_verified": "2026-01-02T03:04:05Z",
        **fields,
    }


def meaning(*examples: str, **fields: object) -> dict[str, object]:
    return {"type": "meaning", "examples": list(examples), **fields}


async def put(
    base: Knowledge,
    name: str,
    match: Mapping[str, object] | None = None,
    headers: dict[str, str] | None = None,
    **fields: object,
) -> dict[str, Any]:
    answer = await base.http.put(f"{URL}/{name}", json=body(match, **fields), headers=headers)
    assert answer.status_code in {200, 201}, answer.text
    return as_document(answer)


async def winner(base: Knowledge, question: str, collection: str = "default") -> str | None:
    answer = await base.http.post(f"{URL}/match", json={"question": question, "collection": collection})
    assert answer.status_code == 200, answer.text
    won: str | None = answer.json()["winner"]
    return won


def problem(answer: httpx.Response, status: int, slug: str, field: str | None = None) -> None:
    assert (answer.status_code, answer.json()["type"]) == (status, f"urn:tillhand:problem:{slug}"), answer.text
    assert field is None or answer.json()["field"] == field


async def test_a_correction_is_written_read_listed_and_deleted(base: Knowledge) -> None:
    made = await base.http.put(f"{URL}/no-bitcoin", json=body(expires_at="2099-01-01T01:00:00+01:00"))
    assert made.status_code == 201
    assert made.headers["etag"] == '"1"'
    written = made.json()
    assert {name: written[name] for name in ("id", "version", "expired", "answer", "last_verified", "expires_at")} == {
        "id": "no-bitcoin",
        "version": 1,
        "expired": False,
        "answer": "No, we take cards only.",
        "last_verified": "2026-01-02T03:04:05.000Z",
        "expires_at": "2099-01-01T00:00:00.000Z",
    }
    read = await base.http.get(f"{URL}/no-bitcoin")
    assert read.json() == written
    assert read.headers["etag"] == '"1"'
    assert (await base.http.get(URL)).json() == {"items": [written], "next_cursor": None}
    assert (await base.http.delete(f"{URL}/no-bitcoin")).status_code == 204
    problem(await base.http.get(f"{URL}/no-bitcoin"), 404, "correction-not-found")
    problem(await base.http.delete(f"{URL}/no-bitcoin"), 404, "correction-not-found")
    assert await winner(base, "Is bitcoin fine?") is None


async def test_a_correction_without_an_id_gets_one_and_is_made_once_per_key(base: Knowledge) -> None:
    headers = {"idempotency-key": "one"}
    first, again = [await base.http.post(URL, json=body(), headers=headers) for _ in range(2)]
    assert first.status_code == 201
    assert first.json() == again.json()
    assert first.json()["id"].startswith("cor_")
    assert len((await base.http.get(URL)).json()["items"]) == 1


async def test_the_list_is_paged_by_id(base: Knowledge) -> None:
    for name in ("b", "a", "c"):
        await put(base, name)
    page = (await base.http.get(URL, params={"limit": 2})).json()
    assert [item["id"] for item in page["items"]] == ["a", "b"]
    rest = (await base.http.get(URL, params={"cursor": page["next_cursor"]})).json()
    assert [item["id"] for item in rest["items"]] == ["c"]
    assert rest["next_cursor"] is None


async def test_every_version_stays_in_the_history_and_ids_never_count_anew(base: Knowledge) -> None:
    await put(base, "x", answer="one")
    await put(base, "x", answer="two")
    await base.http.delete(f"{URL}/x")
    assert (await put(base, "x", answer="three"))["version"] == 4
    url = f"{URL}/x/history"
    page = (await base.http.get(url, params={"limit": 3})).json()
    rest = (await base.http.get(url, params={"cursor": page["next_cursor"]})).json()
    told = [*page["items"], *rest["items"]]
    assert [(entry["version"], entry["action"]) for entry in told] == [
        (1, "put"), (2, "put"), (3, "deleted"), (4, "put")
    ]  # fmt: skip
    assert [entry["content"] and entry["content"]["answer"] for entry in told] == ["one", "two", None, "three"]
    [operator] = [key for key in keys.KeyStore(keys.store_path(base.data_dir)).list() if key.kind == "operator"]
    assert {entry["key_id"] for entry in told} == {operator.id}
    problem(await base.http.get(f"{URL}/never/history"), 404, "correction-not-found")


async def test_a_write_with_a_precondition_changes_only_what_its_writer_has_seen(base: Knowledge) -> None:
    await put(base, "x", answer="one")
    await put(base, "x", answer="two")
    for headers, status in (
        ({"if-match": '"1"'}, 412),
        ({"if-match": 'W/"2"'}, 412),
        ({"if-match": "nonsense"}, 412),
        ({"if-none-match": "*"}, 412),
        ({"if-none-match": '"2"'}, 400),
    ):
        answer = await base.http.put(f"{URL}/x", json=body(answer="three"), headers=headers)
        assert answer.status_code == status, headers
    assert (await base.http.get(f"{URL}/x")).json()["answer"] == "two"
    for version, expected in ((2, '"2"'), (3, '"7", "3"'), (4, "*")):
        changed = await put(base, "x", answer=f"after {version}", headers={"if-match": expected})
        assert (changed["version"], changed["answer"]) == (version + 1, f"after {version}")


async def test_a_precondition_holds_for_what_is_not_there_and_for_a_deletion(base: Knowledge) -> None:
    problem(await base.http.put(f"{URL}/x", json=body(), headers={"if-match": "*"}), 412, "correction-changed")
    await put(base, "x", headers={"if-none-match": "*"})
    problem(await base.http.delete(f"{URL}/x", headers={"if-match": '"9"'}), 412, "correction-changed")
    assert (await base.http.delete(f"{URL}/x", headers={"if-match": '"1"'})).status_code == 204


async def test_of_writers_with_the_same_precondition_one_wins(base: Knowledge) -> None:
    await put(base, "x")
    url, headers = f"{URL}/x", {"if-match": '"1"'}
    async with asyncio.timeout(20):
        answers = await asyncio.gather(
            *(base.http.put(url, json=body(answer=f"{n}"), headers=headers) for n in range(8))
        )
    assert sorted(answer.status_code for answer in answers) == [200, *[412] * 7]


async def test_the_winner_is_the_more_specific_pattern_then_the_nearer_meaning(base: Knowledge) -> None:
    question = "Can I pay my order with bitcoin today?"
    await put(base, "near", meaning("Can I pay an order with bitcoin now?", threshold=0.5))
    assert await winner(base, question) == "near"
    await put(base, "nearer", meaning("bitcoin bitcoin", "Can I pay my order with bitcoin now?", threshold=0.5))
    assert await winner(base, question) == "nearer"
    await put(base, "wide", PATTERN)
    assert await winner(base, question) == "wide"
    await put(base, "narrow", {"type": "pattern", "pattern": "can i pay * bitcoin *"})
    assert await winner(base, question) == "narrow"
    await put(base, "also-narrow", {"type": "pattern", "pattern": "can i pay * bitcoin *"})
    assert await winner(base, question) == "also-narrow"


async def test_a_question_that_differs_in_a_figure_or_a_name_is_not_the_same(base: Knowledge) -> None:
    await put(base, "v2", meaning("Which fluid goes into the Vintoro V2 brake?"))
    assert await winner(base, "which fluid goes into the vintoro V2 brake") == "v2"
    tried = await base.http.post(f"{URL}/match", json={"question": "Which fluid goes into the Vintoro V4 brake?"})
    assert tried.json()["winner"] is None
    assert [each["refused"] for each in tried.json()["considered"]] == ["number"]


async def test_an_expired_correction_matches_nothing_and_is_still_listed(base: Knowledge) -> None:
    await put(base, "old", expires_at="2020-01-01T00:00:00Z")
    await put(base, "old-meaning", meaning("Is bitcoin fine?"), expires_at="2020-01-01T00:00:00Z")
    assert await winner(base, "Is bitcoin fine?") is None
    items = (await base.http.get(URL)).json()["items"]
    assert [(item["id"], item["expired"]) for item in items] == [("old", True), ("old-meaning", True)]
    await put(base, "old")
    assert await winner(base, "Is bitcoin fine?") == "old"


async def test_what_is_no_correction_is_refused(base: Knowledge) -> None:
    for fields, slug, field in NO_CORRECTIONS:
        problem(await base.http.put(f"{URL}/x", json={**body(), **fields}), 422, slug, field)
    problem(await base.http.get(f"{URL}/x"), 404, "correction-not-found")


async def test_without_the_model_patterns_are_written_and_examples_are_not(base: Knowledge) -> None:
    base.embedder.available = False
    await put(base, "pattern")
    problem(await base.http.put(f"{URL}/x", json=body(meaning("Is it?"))), 503, "embedder-unavailable")
    problem(await base.http.post(f"{URL}/match", json={"question": "bitcoin?"}), 503, "embedder-unavailable")
    assert [item["id"] for item in (await base.http.get(URL)).json()["items"]] == ["pattern"]


async def test_only_who_may_write_writes_and_sees_who_wrote(base: Knowledge) -> None:
    await put(base, "x")
    base.http.headers["authorization"] = f"Bearer {keys.read_token(base.data_dir, 'agent')}"
    assert (await base.http.get(f"{URL}/x")).status_code == 200
    assert await winner(base, "bitcoin?") == "x"
    for method, path in (("PUT", "/x"), ("DELETE", "/x"), ("GET", "/x/history"), ("POST", "")):
        answer = await base.http.request(method, URL + path, json=None if method in {"DELETE", "GET"} else body())
        problem(answer, 403, "forbidden")


async def test_a_bound_key_cannot_tell_a_foreign_correction_from_none(base: Knowledge) -> None:
    await put(base, "x", collection="hidden")
    made = keys.KeyStore(keys.store_path(base.data_dir)).create("narrow", "service", collections=["default"])
    base.http.headers["authorization"] = f"Bearer {made.token}"
    for method, path, sent in (
        ("GET", "", None), ("GET", "/x", None), ("GET", "/x/history", None), ("DELETE", "/x", None),
        ("PUT", "/x", body()), ("POST", "", body()), ("POST", "/match", {"question": "bitcoin?"}),
    ):  # fmt: skip
        answers = []
        for name in ("hidden", "never-was"):
            params = {} if sent else {"collection": name}
            told = {**sent, "collection": name} if sent else None
            answer = await base.http.request(method, URL + path, params=params, json=told)
            answers.append((answer.status_code, answer.text.replace(answer.headers["x-request-id"], "")))
        assert answers[0] == answers[1]
        assert answers[0][0] == 404
