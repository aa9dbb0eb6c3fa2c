"""Each client of another service, against the real one: what pages are made of is what that service answers."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import aclosing, asynccontextmanager
from pathlib import Path
from typing import TypeVar

import pytest
from fastapi import FastAPI

from tests.dashboard.platform import Beside, beside_approvals
from tests.fakes.embedder import HashingEmbedder
from tests.fakes.shops import HeldSources
from tillhand_analytics.adapters.mockshop import columns
from tillhand_analytics.app import create_app as analytics
from tillhand_analytics.settings import AnalyticsSettings
from tillhand_common.testing import client, running
from tillhand_dashboard.app import create_app
from tillhand_dashboard.domain.accounts import Person
from tillhand_dashboard.domain.results import Failure, Found, Result
from tillhand_dashboard.ports.approvals import Decision
from tillhand_dashboard.ports.views import Download, Upload
from tillhand_dashboard.routes.dependencies import Console
from tillhand_dashboard.settings import DashboardSettings
from tillhand_mcp.app import create_app as connectors
from tillhand_mcp.settings import McpSettings
from tillhand_mockshop.generator import build
from tillhand_rag.app import create_app as knowledge
from tillhand_rag.settings import RagSettings

VERA, OTTO, ADA = Person("vera", "viewer"), Person("otto", "operator"), Person("ada", "admin")


T = TypeVar("T")


def found(result: Result[T]) -> T:
    """What was found; a failure says why."""
    assert isinstance(result, Found), result
    return result.value


async def whole(result: Result[Download]) -> tuple[bytes, Mapping[str, str]]:
    """A file to its end, and what it says of itself."""
    download = found(result)
    try:
        return b"".join([piece async for piece in download.pieces]), download.headers
    finally:
        await download.close()


@asynccontextmanager
async def console_beside(service: FastAPI, name: str, folder: Path) -> AsyncIterator[Console]:
    """The console's parts, with one other service."""
    async with running(service) as url:
        app = create_app(DashboardSettings.model_validate({"data_dir": folder, f"{name}_url": url}))
        async with client(app):
            yield app.state.dashboard


@pytest.fixture
async def beside(tmp_path: Path) -> AsyncIterator[Beside]:
    """The console beside the approvals."""
    async with beside_approvals(tmp_path) as running_beside:
        yield running_beside


async def test_a_proposal_is_listed_counted_and_read(beside: Beside) -> None:
    made = await beside.approvals.propose(justification="Counted.")
    port = beside.console.approvals
    page = found(await port.proposals(VERA, state=["pending"], limit=10))
    assert [each.id for each in page.items] == [made["id"]]
    assert found(await port.counts(VERA)).counts["pending"] == 1
    read = found(await port.proposal(VERA, made["id"]))
    assert (read.digest, read.risk, read.full) == (made["digest"], "medium", None)
    full = found(await port.proposal(OTTO, made["id"], full=True))
    assert full.full is not None
    assert full.full["arguments"]["email"] == "ann@example.com"
    assert [each["name"] for each in found(await port.tools(VERA))] == ["stock_set"]


async def test_a_decision_is_recorded_under_the_person(beside: Beside) -> None:
    made = await beside.approvals.propose()
    port = beside.console.approvals
    decided = found(await port.decide(OTTO, made["id"], Decision("approve", made["digest"])))
    assert decided.decision is not None
    assert (decided.decision.verb, decided.decision.actor) == ("approve", "otto")
    again = await port.decide(ADA, made["id"], Decision("reject", note="No."))
    assert isinstance(again, Failure)
    assert (again.kind, again.slug, again.status) == ("refused", "already-decided", 409)


async def test_a_viewer_decides_nothing_and_nothing_is_asked(beside: Beside) -> None:
    made = await beside.approvals.propose()
    port = beside.console.approvals
    for refused in (
        await port.decide(VERA, made["id"], Decision("approve", made["digest"])),
        await port.decide_several(VERA, "approve", {made["id"]: made["digest"]}),
        await port.note(VERA, made["id"], "Hello."),
        await port.proposal(VERA, made["id"], full=True),
        await port.records(VERA),
        await port.put_policies(OTTO, {}, 0),
        await port.unmask(OTTO, "anybody", "Because."),
    ):
        assert isinstance(refused, Failure)
        assert refused.kind == "not-allowed"
    assert (await beside.approvals.get(made))["state"] == "pending"


async def test_several_are_decided_each_for_itself(beside: Beside) -> None:
    first, second = await beside.approvals.propose(), await beside.approvals.propose()
    await beside.approvals.decide("operator", first, "approve")
    digests = {each["id"]: each["digest"] for each in (first, second)}
    results = found(await beside.console.approvals.decide_several(OTTO, "reject", digests, "Not now."))
    assert [(each.proposal is None, each.problem is None) for each in results] == [(True, False), (False, True)]


async def test_a_note_the_record_and_its_verification(beside: Beside) -> None:
    made = await beside.approvals.propose()
    port = beside.console.approvals
    found(await port.note(OTTO, made["id"], "Looks right."))
    records = found(await port.records(OTTO, subject=made["id"], limit=50))
    assert [each["type"] for each in records.items][-1] == "note.added"
    report = found(await port.verified(OTTO))
    assert report.ok
    assert report.records >= len(records.items)
    content, headers = await whole(await port.exported(OTTO))
    assert headers["content-type"].startswith("application/x-ndjson")
    assert content.count(b"\n") > report.records  # that it was verified is a record, too


async def test_policies_are_read_tried_and_put(beside: Beside) -> None:
    port = beside.console.approvals
    policies = found(await port.policies(VERA))
    assert found(await port.policy_versions(VERA)) == []
    assert found(await port.try_policies(ADA, policies["policies"])).counts["newly_allowed"] == 0
    refused = await port.try_policies(ADA, {"rules": [{"id": "odd"}], "defalt": "deny"})
    assert isinstance(refused, Failure)
    assert {each.pointer for each in refused.faults} >= {"/defalt", "/rules/0"}
    assert found(await port.put_policies(ADA, policies["policies"], 0))["version"] == 1
    overtaken = await port.put_policies(ADA, policies["policies"], 0)
    assert isinstance(overtaken, Failure)
    assert (overtaken.slug, overtaken.status) == ("policies-changed", 412)
    assert found(await port.switch(VERA))["stopped"] is False


async def test_unmasking_is_refused_for_whom_nobody_knows(beside: Beside) -> None:
    refused = await beside.console.approvals.unmask(ADA, "person-unknown", "A request by law.")
    assert isinstance(refused, Failure)
    assert refused.status == 404


@pytest.mark.parametrize("proposal", ["", "..", "a/b", "0" * 32])
async def test_what_is_no_proposal_is_a_value_and_no_exception(beside: Beside, proposal: str) -> None:
    refused = await beside.console.approvals.proposal(VERA, proposal)
    assert isinstance(refused, Failure)
    assert refused.status == 404


async def test_a_service_that_is_away_is_a_value_and_no_exception(tmp_path: Path) -> None:
    app = create_app(DashboardSettings(data_dir=tmp_path, approvals_url="http://127.0.0.1:9", rag_url=""))
    async with client(app):
        parts: Console = app.state.dashboard
        away, unset = await parts.approvals.counts(VERA), await parts.knowledge.goldens(VERA, "default")
        assert isinstance(away, Failure)
        assert isinstance(unset, Failure)
        assert (away.kind, unset.kind) == ("away", "unset")
        assert "TILLHAND_RAG_URL" in unset.remedy
        events = [event async for event in parts.knowledge.answer_stream(VERA, "Why?", "default")]
        assert [type(event) for event in events] == [Failure]


async def test_sign_ins_are_recorded_in_the_audit_log(beside: Beside) -> None:
    await beside.visitor.open("/sign-in/link/none")
    stranger = type(beside.visitor)(beside.http)
    await stranger.open("/sign-in")
    await stranger.send(name="mallory", password="a wrong password", next="/")
    async with aclosing(beside.console.approvals.events("0")) as events:
        seen: list[str] = []
        async for event in events:
            seen += [] if event is None else [event.name]
            if {"login.succeeded", "login.failed"} <= set(seen) or len(seen) > 50:
                break
    assert {"login.succeeded", "login.failed"} <= set(seen)


async def test_connectors_are_listed_tried_and_measured(tmp_path: Path) -> None:
    service = connectors(McpSettings(data_dir=tmp_path, force_mocks=True))
    async with console_beside(service, "mcp", tmp_path) as parts:
        listed = found(await parts.connectors.all(VERA))
        assert {"shopify", "ga4"} <= {each.id for each in listed}
        assert all(each.state == "mock" for each in listed if each.id in {"shopify", "ga4"})
        tested = found(await parts.connectors.tested(OTTO, "shopify"))
        assert tested.last_success_at is not None
        assert found(await parts.connectors.figures(VERA, "shopify")).id == "shopify"
        unknown = await parts.connectors.tested(OTTO, "../proposals")
        assert isinstance(unknown, Failure)


async def test_figures_come_with_where_they_come_from(tmp_path: Path) -> None:
    goods = HeldSources(columns(build(skus=40, days=120)))
    service = analytics(AnalyticsSettings(data_dir=tmp_path), sources=goods)
    async with console_beside(service, "analytics", tmp_path) as parts:
        port = parts.analytics
        await port.table(VERA, "inventory/skus")
        assert found(await port.status(VERA)).mode == "mock"
        assert found(await port.objectives(VERA)).objectives
        rows = found(await port.table(VERA, "inventory/skus", limit=5, sort="-on_hand"))
        assert len(rows.items) == 5
        assert rows.total == 40
        assert rows.provenance["mode"] == "mock"
        assert found(await port.table(VERA, "seo/findings")).provenance
        assert found(await port.value(VERA, "inventory/totals")).value["skus"] == 40
        assert found(await port.table(VERA, "sales/kpis", limit=5)).provenance
        chart = found(await port.chart(VERA, "inventory/cover", width=480))
        assert chart.media_type.startswith("image/svg+xml")
        assert chart.mode == "mock"
        content, headers = await whole(await port.exported(VERA, "inventory/reorder"))
        assert headers["content-type"].startswith("text/csv")
        assert "attachment" in headers["content-disposition"]
        assert content.count(b"\r\n") == int(headers["tillhand-rows"]) + 1
        wrong = await port.table(VERA, "inventory/skus", sort="nonsense")
        assert isinstance(wrong, Failure)
        assert isinstance(await port.table(VERA, "../metrics"), Failure)


async def test_the_knowledge_base_is_searched_asked_and_written_to(tmp_path: Path) -> None:
    service = knowledge(RagSettings(data_dir=tmp_path), embedder=HashingEmbedder())
    async with console_beside(service, "rag", tmp_path) as parts:
        port = parts.knowledge
        text = b"# Returns\n\nYou have 30 days to return an order, and the postage is free.\n"
        file = Upload(name="returns.md", content=text, media_type="text/markdown")
        assert found(await port.upload(OTTO, file, "default", "key-1"))["created"] == 1
        refused = await port.upload(VERA, file, "default", "key-2")
        assert isinstance(refused, Failure)
        [document] = found(await port.documents(VERA, "default")).items
        passages = found(await port.search(VERA, "days to return an order", "default"))
        assert passages[0].source == "returns.md"
        span = found(await port.text(VERA, document.id, "default", passages[0].start, passages[0].end))
        assert span.text == passages[0].text
        answer = found(await port.answer(VERA, "How many days to return an order?", "default"))
        assert answer.threshold > 0
        events = [event async for event in port.answer_stream(VERA, "How many days to return an order?", "default")]
        names = [event.name for event in events if not isinstance(event, Failure)]
        assert (names[0], names[-1]) == ("sources", "done")
        correction = {
            "match": {"type": "pattern", "pattern": "how long * return *"},
            "answer": "30 days.",
            "author": "otto",
            "last_verified": "2026-11-01T00:00:00Z",
        }
        made = found(await port.correct(OTTO, correction, "key-3"))
        assert [each.id for each in found(await port.corrections(VERA, "default")).items] == [made["id"]]
        found(await port.forget_correction(OTTO, made["id"], "default"))
        found(await port.goldens(VERA, "default"))
        assert found(await port.evaluations(VERA)).items == []
        found(await port.delete(OTTO, document.id, "default"))
        assert found(await port.documents(VERA, "default")).items == []
