"""Golden questions kept by collection, evaluations as jobs with their reports, and test collections."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

from tests.fakes.knowledge import Knowledge, as_document, knowledge_base
from tillhand_common.keys import KeyStore, store_path

QUESTIONS = [
    {"id": "oil", "question": "How often must I oil the chain?", "answerable": True, "quotes": ["every month"]},
    {
        "id": "saddle",
        "question": "How high does the saddle go?",
        "answerable": True,
        "quotes": ["ninety centimetres"],
        "sources": ["saddle"],
        "tags": ["numeric"],
    },
    {"id": "cup", "question": "Who won the world cup in 1998?", "answerable": False},
]


async def fill(base: Knowledge) -> None:
    await base.put("oil", "You must oil the chain every month.")
    await base.put("saddle", "The saddle goes up to ninety centimetres high.")


async def evaluated(base: Knowledge, **body: object) -> dict[str, Any]:
    started = await base.http.post("/v1/evaluations", json=body)
    assert started.status_code == 202, started.text
    async with asyncio.timeout(20):
        async for job in base.app.state.work.jobs.watch(started.json()["id"]):
            if job.finished:
                break
    return as_document(await base.http.get(started.headers["location"]))


async def test_golden_questions_are_kept_in_order_and_replaced_together(tmp_path: Path) -> None:
    async with knowledge_base(tmp_path) as base:
        assert (await base.http.get("/v1/goldens")).json() == {"collection": "default", "questions": []}
        put = await base.http.put("/v1/goldens", json={"questions": QUESTIONS})
        assert [question["id"] for question in put.json()["questions"]] == ["oil", "saddle", "cup"]
        await base.http.put("/v1/goldens", json={"questions": QUESTIONS[:1], "collection": "other"})
    async with knowledge_base(tmp_path) as base:
        assert (await base.http.get("/v1/goldens")).json() == put.json()
        await base.http.put("/v1/goldens", json={"questions": QUESTIONS[2:]})
        assert len((await base.http.get("/v1/goldens")).json()["questions"]) == 1
        assert (await base.http.delete("/v1/goldens")).status_code == 204
        assert (await base.http.delete("/v1/goldens")).status_code == 404
        assert len((await base.http.get("/v1/goldens", params={"collection": "other"})).json()["questions"]) == 1


async def test_questions_that_cannot_be_judged_are_refused_by_name(tmp_path: Path) -> None:
    wrong = [
        ([], "questions"),
        ([QUESTIONS[0], QUESTIONS[0]], "body"),
        ([{**QUESTIONS[0], "quotes": []}], "questions"),
        ([{**QUESTIONS[2], "quotes": ["France"]}], "questions"),
        ([{**QUESTIONS[0], "filters": {"brand": {}}}], "filters"),
    ]
    async with knowledge_base(tmp_path) as base:
        for questions, field in wrong:
            answer = await base.http.put("/v1/goldens", json={"questions": questions})
            assert answer.status_code == 422
            assert field in answer.json()["field"]


async def test_an_evaluation_tells_of_every_question_and_of_missed_thresholds(tmp_path: Path) -> None:
    async with knowledge_base(tmp_path) as base:
        await fill(base)
        await base.http.put("/v1/goldens", json={"questions": QUESTIONS})
        done = await evaluated(base, thresholds={"accuracy": 0.1, "quote_hit@3": 1.01, "nonsense": 0.5})
        report = done["report"]
        assert [outcome["id"] for outcome in report["outcomes"]] == ["oil", "saddle", "cup"]
        assert report["outcomes"][0]["quote"] == "You must oil the chain every month."
        assert report["figures"]["questions"] == 3
        assert report["figures"]["source_found@5"] == 1.0
        assert {missed["name"]: missed["value"] for missed in report["missed"]} == {
            "quote_hit@3": report["figures"]["quote_hit@3"],
            "nonsense": None,
        }
        assert report["passed"] is False
        assert report["tags"]["numeric"]["questions"] == 1
        assert (report["index"], report["model"]) == ("main", "hashing")


async def test_evaluations_are_kept_as_a_history_of_their_collection(tmp_path: Path) -> None:
    async with knowledge_base(tmp_path) as base:
        await fill(base)
        first = await evaluated(base, data={"type": "goldens", "questions": QUESTIONS})
        second = await evaluated(base, data={"type": "goldens", "questions": QUESTIONS[:1]}, mode="keyword")
        other = await evaluated(base, collection="other", data={"type": "goldens", "questions": QUESTIONS[:1]})
        listed = (await base.http.get("/v1/evaluations", params={"collection": "default"})).json()["items"]
        assert listed == [second, first]
        assert other["report"]["figures"]["answerable"] == 0.0
        page = (await base.http.get("/v1/evaluations", params={"limit": 2})).json()
        rest = (await base.http.get("/v1/evaluations", params={"limit": 2, "cursor": page["next_cursor"]})).json()
        assert [item["id"] for item in [*page["items"], *rest["items"]]] == [other["id"], second["id"], first["id"]]


async def test_an_evaluation_without_questions_fails_and_says_so(tmp_path: Path) -> None:
    async with knowledge_base(tmp_path) as base:
        done = await evaluated(base)
        assert (done["state"], done["error"]["reason"]) == ("failed", "no-goldens")


def beir(folder: Path) -> Path:
    """A test collection of two documents."""
    (folder / "qrels").mkdir(parents=True)
    corpus = [
        {"_id": "a", "title": "", "text": "Oil the chain every month."},
        {"_id": "b", "title": "", "text": "Spokes."},
    ]
    (folder / "corpus.jsonl").write_text("\n".join(map(json.dumps, corpus)))
    (folder / "queries.jsonl").write_text(json.dumps({"_id": "q", "text": "oil the chain"}))
    (folder / "qrels" / "test.tsv").write_text("query-id\tcorpus-id\tscore\nq\ta\t1\n")
    return folder


async def test_a_test_collection_is_measured_apart_and_leaves_nothing(tmp_path: Path) -> None:
    folder = beir(tmp_path / "allowed" / "tiny")
    data = tmp_path / "data"
    async with knowledge_base(data, ingest_roots=str(tmp_path / "allowed")) as base:
        done = await evaluated(base, data={"type": "beir", "path": str(folder)}, thresholds={"ndcg@10": 1.0})
        assert done["report"]["figures"]["ndcg@10"] == 1.0
        assert done["report"]["passed"] is True
        assert (await base.http.get("/v1/collections")).json()["items"] == []
        assert list((data / "rag" / "scratch").iterdir()) == []
        (folder / "corpus.jsonl").write_text("{")
        done = await evaluated(base, data={"type": "beir", "path": str(folder)})
        assert (done["state"], done["error"]["reason"]) == ("failed", "invalid-test-collection")
        assert str(tmp_path) not in done["error"]["detail"]
        done = await evaluated(base, data={"type": "beir", "path": "/etc"})
        assert (done["state"], done["error"]["reason"]) == ("failed", "folder-not-allowed")


async def test_a_foreign_key_sees_neither_goldens_nor_evaluations(tmp_path: Path) -> None:
    async with knowledge_base(tmp_path) as base:
        await fill(base)
        await base.http.put("/v1/goldens", json={"questions": QUESTIONS})
        done = await evaluated(base)
        bound = KeyStore(store_path(tmp_path)).create("bound", "operator", collections=["other"])
        headers = {"authorization": f"Bearer {bound.token}"}
        missing = await base.http.get("/v1/evaluations/eva_nothing", headers=headers)
        found = await base.http.get(f"/v1/evaluations/{done['id']}", headers=headers)
        assert (missing.status_code, found.status_code) == (404, 404)
        assert {**missing.json(), "instance": ""} == {**found.json(), "instance": ""}
        assert (await base.http.get("/v1/evaluations", headers=headers)).json()["items"] == []
        for method, body in (("GET", None), ("PUT", {"questions": QUESTIONS}), ("DELETE", None)):
            answer = await base.http.request(
                method, "/v1/goldens", params={"collection": "default"}, json=body, headers=headers
            )
            assert answer.status_code == 404
        beir_data = {"data": {"type": "beir", "path": "/etc"}, "collection": "other"}
        assert (await base.http.post("/v1/evaluations", json=beir_data, headers=headers)).status_code == 403
