"""In whose name: what a service does for a person is recorded under the person, and a person's word counts once."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from tests.fakes.knowledge import Knowledge, knowledge_base
from tillhand_common.actor import Actor, ActorSigner, bootstrap_signing_key, load_private_key
from tillhand_common.keys import KeyStore, store_path

ANNA = Actor("anna", "operator", "default", frozenset({"operator"}))
BERT = Actor("bert", "operator", "default", frozenset({"operator"}))
CORRECTION = {
    "match": {"type": "pattern", "pattern": "* bitcoin *"},
    "answer": "No, we take cards only.",
    "author": "Support",
    "last_verified": "2026-01-02T03:04:05Z",
}


@dataclass
class Console:
    """A service that speaks for people, before a knowledge base that has started already."""

    base: Knowledge
    key_id: str
    signer: ActorSigner

    def of(self, actor: Actor, audience: str = "rag") -> dict[str, str]:
        """The header that names somebody."""
        return self.signer.header(actor, audience)


@pytest.fixture
async def console(tmp_path: Path) -> AsyncIterator[Console]:
    async with knowledge_base(tmp_path, rate_limit="off") as base:
        await base.put("payment.md", "# Payment\n\nWe take cards. Bitcoin is not accepted.", id="payment")
        made = KeyStore(store_path(tmp_path)).create("console", "service", scopes=["act_as", "rag:read", "rag:write"])
        private = load_private_key(bootstrap_signing_key(tmp_path / "actors", "console"))
        base.http.headers["authorization"] = f"Bearer {made.token}"
        yield Console(base, made.key.id, ActorSigner(private, made.key.id))


async def test_a_correction_tells_who_wrote_and_who_deleted_it(console: Console) -> None:
    http, url = console.base.http, "/v1/corrections/bitcoin"
    assert (await http.put(url, json=CORRECTION, headers=console.of(ANNA))).status_code == 201
    assert (await http.put(url, json=CORRECTION)).status_code == 200
    assert (await http.delete(url, headers=console.of(BERT))).status_code == 204
    history = (await http.get(f"{url}/history")).json()["items"]
    assert [each["actor"] for each in history] == ["anna", None, "bert"]
    assert {each["key_id"] for each in history} == {console.key_id}


async def test_a_job_is_whose_name_it_was_asked_in(console: Console) -> None:
    http = console.base.http
    file = {"file": ("tea.md", b"# Tea\n\nSteep it.\n")}
    for headers, name in ((console.of(ANNA), "anna"), ({}, console.key_id)):
        assert (await http.post("/v1/ingestions", files=file, headers=headers)).json()["created_by"] == name
    asked = await http.post("/v1/evaluations", json={"collection": "default"}, headers=console.of(BERT))
    assert asked.json()["created_by"] == "bert"


async def test_who_deletes_a_document_stands_in_the_log(console: Console) -> None:
    with capture_logs() as lines:
        deleted = await console.base.http.delete("/v1/documents/payment", headers=console.of(ANNA))
    assert deleted.status_code == 204
    [line] = [each for each in lines if each["event"] == "document_deleted"]
    assert (line["by"], line["document"]) == ("anna", "payment")


async def test_each_person_has_one_word_on_an_answer(console: Console) -> None:
    http = console.base.http
    answer = (await console.base.ask("Is bitcoin accepted?"))["id"]
    for actor, rating in ((ANNA, "helpful"), (BERT, "helpful"), (ANNA, "unhelpful")):
        said = await http.post(f"/v1/answers/{answer}/feedback", json={"rating": rating}, headers=console.of(actor))
        assert said.status_code == 204
    [asked] = (await http.get("/v1/insights/questions")).json()["items"]
    assert (asked["helpful"], asked["unhelpful"]) == (1, 1)


async def test_a_name_for_another_service_is_refused_and_nothing_is_done(console: Console) -> None:
    http = console.base.http
    refused = await http.delete("/v1/documents/payment", headers=console.of(ANNA, "approvals"))
    problem: dict[str, Any] = refused.json()
    assert (refused.status_code, problem["type"]) == (401, "urn:tillhand:problem:invalid-actor")
    assert (await http.get("/v1/documents/payment")).status_code == 200
