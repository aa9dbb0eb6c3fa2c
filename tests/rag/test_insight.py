"""Insight over HTTP: what is asked, redacted and counted, and what is said of answers."""

from __future__ import annotations

from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.fakes.knowledge import Knowledge, knowledge_base
from tests.fakes.waiting import until
from tillhand_common import keys
from tillhand_common.clock import Clock, rfc3339
from tillhand_rag.ports.insight import Asked

QUESTIONS = "/v1/insights/questions"


@pytest.fixture
async def base(tmp_path: Path) -> AsyncIterator[Knowledge]:
    async with knowledge_base(tmp_path, rate_limit="off") as opened:
        await opened.put("helmets.md", "# Helmets\n\nA Wexcombe helmet can be returned within 30 days.", id="helmets")
        yield opened


class Front:
    """Where answers are given; each gets the next id."""

    def __init__(self, base: Knowledge) -> None:
        self._base = base
        self._count = 0

    def asked(
        self,
        question: str,
        *,
        answered: bool = True,
        confidence: float = 0.5,
        collection: str = "default",
        tenant: str = "default",
    ) -> str:
        self._count += 1
        name = f"ans_{self._count}"
        self._base.app.state.rag.recorder.asked(
            Asked(name, collection, tenant, question, answered, "extractive", confidence, ["helmets"], 1.0)
        )
        return name


@pytest.fixture
def front(base: Knowledge) -> Front:
    return Front(base)


async def questions(base: Knowledge, **params: object) -> list[dict[str, Any]]:
    answer = await base.http.get(QUESTIONS, params={key: str(value) for key, value in params.items()})
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


async def say(base: Knowledge, answer_id: str, **body: object) -> httpx.Response:
    return await base.http.post(f"/v1/answers/{answer_id}/feedback", json={"rating": "helpful", **body})


def act_as(base: Knowledge, name: str, *, tenant: str = "default") -> None:
    store = keys.KeyStore(keys.store_path(base.data_dir))
    made = store.create(name, "service", tenant=tenant, collections=["default"])
    base.http.headers["authorization"] = f"Bearer {made.token}"


async def test_like_questions_are_counted_together_the_most_asked_first(base: Knowledge, front: Front) -> None:
    front.asked("How can I return a helmet?", confidence=0.4)
    front.asked("Do you deliver to it?", answered=False, confidence=0.1)
    last = front.asked("how do i return helmets", answered=False, confidence=0.2)
    first, second = await questions(base)
    assert {name: first[name] for name in ("question", "count", "last_answer_id", "answered_share", "confidence")} == {
        "question": "how do i return helmets",
        "count": 2,
        "last_answer_id": last,
        "answered_share": 0.5,
        "confidence": 0.3,
    }
    assert second["question"] == "Do you deliver to it?"
    assert [item["count"] for item in await questions(base, unanswered=True)] == [1, 1]


async def test_nothing_personal_is_kept(base: Knowledge, front: Front) -> None:
    front.asked("Can Jane Doe (jane@example.com) return the Wexcombe helmet of order 471147 within 30 days?")
    name = front.asked("Is it for Jane?")
    await say(base, name, rating="unhelpful", comment="please ask Jane Doe, 0301234567", expected_source="helmets.md")
    texts = {item["question"] for item in await questions(base)}
    assert texts == {
        "Can [name] ([email]) return the Wexcombe helmet of order [number] within 30 days?",
        "Is it for [name]?",
    }
    held = b"".join(path.read_bytes() for path in (base.data_dir / "rag").glob("*.sqlite3*"))
    assert b"Wexcombe helmet of order [number]" in held
    assert b"please ask [name]" in held
    for secret in (b"Jane", b"jane@", b"471147", b"0301234567"):
        assert secret not in held


async def test_a_question_that_cannot_be_redacted_is_withheld_and_still_counted(
    base: Knowledge, front: Front, monkeypatch: pytest.MonkeyPatch
) -> None:
    index = base.app.state.rag.indexes.of("default")
    await index.store.close()
    front.asked("Can Jane return it?")
    front.asked("can jane RETURN it")
    front.asked("Where is Jane?")
    [first, second] = await questions(base)
    assert [(item["question"], item["count"]) for item in (first, second)] == [(None, 2), (None, 1)]
    total = (await base.http.get("/v1/insights/summary")).json()["total"]
    assert (total["questions"], total["withheld"]) == (3, 3)


def passed(clock: Clock, moment: str) -> bool:
    return rfc3339(clock.now()) > moment


async def test_pages_of_groups_follow_one_another(base: Knowledge, front: Front) -> None:
    clock = base.app.state.chassis.clock
    for times, word in ((3, "helmets"), (1, "locks"), (2, "chains"), (1, "bells")):
        for _ in range(times):
            front.asked(f"where are {word}")
        await until(partial(passed, clock, rfc3339(clock.now())))  # so that no two groups are of one moment
    for order, expected in (
        ("count", ["helmets", "chains", "bells", "locks"]),
        ("recent", ["bells", "chains", "locks", "helmets"]),
    ):
        found: list[str] = []
        cursor = ""
        while True:
            params = {"order": order, "limit": "1", **({"cursor": cursor} if cursor else {})}
            page = (await base.http.get(QUESTIONS, params=params)).json()
            found += [item["question"].split()[-1] for item in page["items"]]
            cursor = page["next_cursor"]
            if not cursor:
                break
        assert found == expected
    refused = await base.http.get(QUESTIONS, params={"cursor": "bm9uZQ", "order": "count"})
    assert (refused.status_code, refused.json()["type"]) == (422, "urn:tillhand:problem:invalid-cursor")


async def test_the_last_word_of_each_key_counts(base: Knowledge, front: Front) -> None:
    name = front.asked("How can I return a helmet?")
    assert (await say(base, name, rating="unhelpful")).status_code == 204
    assert (await say(base, name, rating="helpful")).status_code == 204
    base.http.headers["authorization"] = f"Bearer {keys.read_token(base.data_dir, 'agent')}"
    assert (await say(base, name, rating="unhelpful", comment="No.")).status_code == 204
    base.http.headers["authorization"] = f"Bearer {keys.read_token(base.data_dir, 'operator')}"
    [group] = await questions(base)
    assert (group["helpful"], group["unhelpful"]) == (1, 1)
    summary = (await base.http.get("/v1/insights/summary")).json()
    assert summary["total"] == {
        "questions": 1,
        "answered": 1,
        "withheld": 0,
        "helpful": 1,
        "unhelpful": 1,
        "answered_rate": 1.0,
        "helpful_rate": 0.5,
    }
    assert [{**day, "day": None} for day in summary["days"]] == [{**summary["total"], "day": None}]
    assert summary["methods"] == [{**summary["total"], "method": "extractive"}]


async def test_nothing_asked_has_no_rates(base: Knowledge) -> None:
    total = (await base.http.get("/v1/insights/summary")).json()["total"]
    assert (total["questions"], total["answered_rate"], total["helpful_rate"]) == (0, None, None)


async def test_feedback_on_a_foreign_answer_is_like_feedback_on_none(base: Knowledge, front: Front) -> None:
    names = [front.asked("Hm?", collection="hidden"), front.asked("Hm?", tenant="another"), "ans_never"]
    act_as(base, "narrow")
    told = set()
    for name in names:
        answer = await say(base, name)
        told.add((answer.status_code, answer.text.replace(answer.headers["x-request-id"], "")))
    assert len(told) == 1
    assert told.pop()[0] == 404


async def test_a_key_reads_only_what_its_tenant_asked_in_its_collections(base: Knowledge, front: Front) -> None:
    front.asked("Where is mine?", tenant="another")
    front.asked("Where are ours?")
    assert len(await questions(base)) == 2  # the operator may manage all of it
    act_as(base, "theirs", tenant="another")
    assert [item["question"] for item in await questions(base)] == ["Where is mine?"]
    assert (await base.http.get("/v1/insights/summary")).json()["total"]["questions"] == 1
    for path in (QUESTIONS, "/v1/insights/summary"):
        answers = [await base.http.get(path, params={"collection": name}) for name in ("hidden", "never-was")]
        texts = {answer.text.replace(answer.headers["x-request-id"], "") for answer in answers}
        assert [answer.status_code for answer in answers] == [404, 404]
        assert len(texts) == 1


async def test_who_only_reads_may_give_feedback_and_not_see_what_others_ask(base: Knowledge, front: Front) -> None:
    name = front.asked("How can I return a helmet?")
    base.http.headers["authorization"] = f"Bearer {keys.read_token(base.data_dir, 'agent')}"
    assert (await say(base, name)).status_code == 204
    assert (await base.http.get(QUESTIONS)).status_code == 403
    del base.http.headers["authorization"]
    assert (await say(base, name)).status_code == 401
    assert (await base.http.get(QUESTIONS)).status_code == 401


async def test_deleting_the_collection_forgets_what_was_asked(base: Knowledge, front: Front) -> None:
    name = front.asked("How can I return a helmet?")
    await say(base, name)
    assert (await base.http.delete("/v1/collections/default")).status_code == 204
    assert await questions(base) == []
    assert (await say(base, name)).status_code == 404
    assert (await base.http.delete("/v1/collections/default")).status_code == 404


async def test_what_was_asked_survives_a_restart_and_can_be_switched_off(tmp_path: Path) -> None:
    async with knowledge_base(tmp_path) as base:
        Front(base).asked("where is it")
    async with knowledge_base(tmp_path, insight=False) as base:
        name = Front(base).asked("where are they")
        assert [item["question"] for item in await questions(base)] == ["where is it"]
        assert (await say(base, name)).status_code == 204  # the id of the question that was kept
        assert (await say(base, "ans_2")).status_code == 404
