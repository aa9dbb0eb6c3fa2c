"""Asking, reading, uploading and correcting, by a browser without JavaScript, before a real knowledge base."""

from __future__ import annotations

import html
import re
from collections.abc import AsyncIterator
from urllib.parse import quote

import pytest
import pytest_asyncio

from tests.dashboard.library import OTTO, beside_knowledge, fields, links
from tests.dashboard.platform import Beside
from tests.fakes.visitor import Visitor
from tillhand_dashboard.commands import add_account
from tillhand_dashboard.ports.views import Upload

pytestmark = pytest.mark.asyncio(loop_scope="module")
QUESTION = "How many days to return an order?"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def beside(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Beside]:
    """The console beside a knowledge base; each test leaves it as it was."""
    async with beside_knowledge(tmp_path_factory.mktemp("knowledge")) as running_beside:
        yield running_beside


async def test_an_answer_leads_to_its_quote_at_its_place(beside: Beside) -> None:
    page = await beside.visitor.open(f"/ask?question={quote(QUESTION)}")
    assert "You have 30 days to return an order" in beside.visitor.text
    assert "From the documents" in beside.visitor.text
    place = next(each for each in links(page, "/documents/") if "start=9&" in each)
    page = await beside.visitor.open(place.partition("#")[0])
    [marked] = re.findall(r'<mark id="quote" tabindex="-1">([^<]*)</mark>', page.text)
    assert marked == "You have 30 days to return an order, and the postage is free."
    page = await beside.visitor.open(re.sub(r"version=\w+", "version=other", place).partition("#")[0])
    assert "Changed since it was quoted." in beside.visitor.text


async def test_what_the_documents_do_not_hold_is_said_and_never_made_up(beside: Beside) -> None:
    await beside.visitor.open(f"/ask?question={quote('What is the capital of Peru?')}")
    assert "The stored documents do not hold an answer to this." in beside.visitor.text
    assert "Not in the documents" in beside.visitor.text


async def test_text_of_strangers_stays_text(beside: Beside) -> None:
    hostile = '<img src=x onerror="alert(1)"> \u202e<b hx-get="/x">'
    page = await beside.visitor.open(f"/ask?question={quote(hostile)}")
    assert "<img" not in page.text
    assert "<b hx-get" not in page.text
    page = await beside.visitor.open("/documents?q=leather+gloves")
    assert "saddle soap" in page.text
    assert "\u202e" not in page.text
    assert "<b hx-get" not in page.text
    assert not links(page, "javascript:")


async def test_feedback_is_recorded_and_thanked_for(beside: Beside) -> None:
    page = await beside.visitor.open(f"/ask?question={quote(QUESTION)}")
    await beside.visitor.send("/ask/feedback", **{**fields(page), "rating": "helpful"})
    assert "Your word on the answer is recorded." in beside.visitor.text
    await beside.visitor.send("/ask/feedback", **{**fields(page), "rating": "unhelpful", "comment": "Which carrier?"})
    await beside.visitor.send(
        "/ask/feedback", **{**fields(page), "answer_id": "ans_x", "rating": "helpful", "comment": "All <b>of</b> it"}
    )
    assert "It could not be recorded." in beside.visitor.text
    assert "All &lt;b&gt;of&lt;/b&gt; it</textarea>" in beside.visitor.page.text
    await beside.visitor.open("/ask")
    await beside.visitor.send("/ask/feedback", csrf="", rating="helpful")
    assert beside.visitor.page.status_code == 403


async def test_a_correction_written_from_an_answer_wins_and_can_be_deleted(beside: Beside) -> None:
    visitor = beside.visitor
    page = await visitor.open(f"/ask?question={quote(QUESTION)}")
    page = await visitor.send("/corrections/draft", **fields(page))
    assert QUESTION in page.text
    source = re.findall(r'name="source" value="([^"]*)"', page.text)[0]
    hidden = fields(page)
    page = await visitor.send("/corrections", **hidden, match="pattern", pattern="*", answer="40 days.", source=source)
    assert "It was not written." in visitor.text
    assert "40 days." in page.text
    await visitor.send(
        "/corrections", **fields(page), match="meaning", question=QUESTION, answer="40 days.", source=source
    )
    assert "Written." in visitor.text
    assert "In force" in visitor.text
    await visitor.open(f"/ask?question={quote(QUESTION)}")
    assert "Written by a person" in visitor.text
    assert "40 days." in visitor.text
    page = await visitor.open("/corrections")
    [path] = re.findall(r'action="(/corrections/[^"]+/delete[^"]*)"', page.text)
    await visitor.send(html.unescape(path), version="1")
    assert "No corrections" in visitor.text


async def test_files_are_read_as_a_job_and_a_document_is_deleted_after_a_question(beside: Beside) -> None:
    visitor = beside.visitor
    await visitor.open("/documents")
    cookies = {"cookie": "; ".join(f"{name}={value}" for name, value in visitor.cookies.items()), "accept": "text/html"}
    files = [("file", ("tea.md", b"# Tea\n\nGreen tea steeps for two minutes.\n")), ("file", ("odd.xyz", b"\x00\x01"))]
    answer = await beside.http.post("/uploads", data={"csrf": visitor.token}, files=files, headers=cookies)
    assert answer.status_code == 303
    told = await beside.http.get(f"{answer.headers['location']}/events", headers=cookies)
    assert "event: whole" in told.text
    await visitor.open(answer.headers["location"])
    assert "2 of 2 files" in visitor.text
    assert "odd.xyz" in visitor.text
    listed = await beside.console.knowledge.documents(OTTO, "default")
    [tea] = [each for each in listed.value.items if each.source == "tea.md"]  # type: ignore[union-attr]  # it was found
    await visitor.open(f"/documents/{tea.id}/delete")
    assert "This cannot be undone" in visitor.text
    await visitor.send()
    assert "Deleted." in visitor.text
    assert "tea.md" not in visitor.text
    assert (await visitor.open(f"/documents/{tea.id}")).status_code == 404


async def test_a_script_that_sends_files_is_told_where_they_are_read_or_why_not(beside: Beside) -> None:
    visitor = beside.visitor
    await visitor.open("/documents")
    cookies = {"cookie": "; ".join(f"{name}={value}" for name, value in visitor.cookies.items())}
    asks = {**cookies, "accept": "application/json"}
    token = {"csrf": visitor.token}
    file = {"file": ("tea.md", b"# Tea\n\nGreen tea steeps for two minutes.\n")}
    sent = await beside.http.post("/uploads", data=token, files=file, headers=asks)
    assert (sent.status_code, sent.json()["location"]) == (201, sent.headers["location"])
    assert (await visitor.open(sent.json()["location"])).status_code == 200
    nothing = await beside.http.post("/uploads", data=token, headers=asks)
    assert (nothing.status_code, nothing.json()["detail"].partition(".")[0]) == (400, "No file was chosen")
    expired = await beside.http.post("/uploads", data={"csrf": "x"}, files=file, headers=asks)
    assert (expired.status_code, expired.json()["type"]) == (403, "urn:tillhand:problem:form-expired")


async def test_an_answer_streams_as_parts_of_the_page(beside: Beside) -> None:
    cookies = {"cookie": "; ".join(f"{name}={value}" for name, value in beside.visitor.cookies.items())}
    told = await beside.http.get(f"/ask/stream?question={quote(QUESTION)}", headers=cookies)
    assert told.headers["content-type"].startswith("text/event-stream")
    assert told.text.index("event: more") < told.text.index("event: whole")
    assert "You have 30 days" in told.text
    assert (await beside.http.get("/ask/stream?question=x", headers={"accept": "*/*"})).status_code == 401


@pytest.mark.parametrize("page", ["/ask", "/documents", "/corrections", "/goldens"])
async def test_a_collection_is_chosen_and_kept_in_every_link(beside: Beside, page: str) -> None:
    visitor = beside.visitor
    assert "<select" not in (await visitor.open(page)).text
    file = Upload(name="tea.md", content=b"# Tea\n\nGreen tea steeps for two minutes.\n", media_type="text/markdown")
    await beside.console.knowledge.upload(OTTO, file, "drinks", f"key-{page[1:]}")
    chosen = await visitor.open(f"{page}?collection=drinks")
    assert '<option value="drinks" selected>drinks (1 document)</option>' in chosen.text
    assert {f"{each}?collection=drinks" for each in ("/ask", "/documents", "/corrections", "/goldens")} <= {
        *links(chosen, "/")
    }
    assert "none-such (nothing yet)" in (await visitor.open(f"{page}?collection=none-such")).text
    gateway = beside.console.knowledge._gateway  # type: ignore[attr-defined]  # noqa: SLF001  # no page deletes a collection
    await gateway.ask(OTTO, "rag:write", ("DELETE", "/v1/collections/drinks"), lambda _: None)


async def test_golden_questions_are_asked_and_those_that_failed_are_named(beside: Beside) -> None:
    visitor = beside.visitor
    await visitor.open("/goldens")
    assert "No golden questions" in visitor.text
    gateway = beside.console.knowledge._gateway  # type: ignore[attr-defined]  # noqa: SLF001  # no page gives golden questions
    golden = {"id": "g1", "question": QUESTION, "answerable": True, "quotes": ["a whole year"]}
    await gateway.ask(OTTO, "rag:write", ("PUT", "/v1/goldens"), dict, json={"questions": [golden]})
    page = await visitor.open("/goldens")
    await visitor.send("/goldens", **fields(page))
    await until_told(visitor, "Not as they should be")
    assert "0 of 1 as they should be" in visitor.text
    assert "not in the quotes" in visitor.text


async def test_a_viewer_asks_and_reads_and_is_offered_nothing_else(
    beside: Beside, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TILLHAND_DATA_DIR", str(beside.approvals.folder))
    visitor = Visitor(beside.http)
    await visitor.enter(await add_account("vera", "viewer"))
    page = await visitor.open(f"/ask?question={quote(QUESTION)}")
    assert "Write a correction" not in page.text
    assert "Upload" not in (await visitor.open("/documents")).text
    assert (await visitor.open("/corrections/new")).status_code == 403
    await visitor.send("/uploads")
    assert visitor.page.status_code == 403


async def until_told(visitor: Visitor, text: str) -> None:
    """Look again until the page says so."""
    for _ in range(200):
        if text in (await visitor.open("/goldens")).text:
            return
    raise AssertionError(visitor.text)
