"""Questions to the knowledge base. A plain form gets the whole answer; with a script it comes sentence by sentence."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from http import HTTPStatus
from typing import Annotated, Any, Final
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Query, Request
from pydantic import ValidationError
from sse_starlette.sse import EventSourceResponse
from starlette.responses import HTMLResponse, RedirectResponse, Response

from tillhand_common.problems import responses
from tillhand_common.sse import Event, event_stream
from tillhand_dashboard import errors
from tillhand_dashboard.domain.accounts import Person
from tillhand_dashboard.domain.quoting import visible
from tillhand_dashboard.domain.results import Failure, Found, Result
from tillhand_dashboard.ports.knowledge_views import AnswerView
from tillhand_dashboard.routes.dependencies import Console, Form, Parts, SignedIn, field, needs
from tillhand_dashboard.routes.failures import is_partial

router = APIRouter(prefix="/ask", tags=["pages"], default_response_class=HTMLResponse)
LONGEST: Final = 4_000
"""Characters of a question, as the knowledge base takes them."""
LONGEST_COMMENT: Final = 2_000
Question = Annotated[str, Query(max_length=LONGEST)]
Collection = Annotated[str, Query(pattern=r"^[a-z0-9][a-z0-9_-]{0,62}$")]
Asker = Annotated[Person, Depends(needs("rag:read"))]


@router.get("")
async def show_ask(
    request: Request,
    parts: Parts,
    person: SignedIn,
    question: Question = "",
    collection: Collection = "default",
    said: str = "",
) -> Response:
    """The form, and the answer where something was asked. A script is given a place that an answer streams into."""
    asked = question.strip()
    context: dict[str, Any] = {"question": asked, "collection": collection, "said": said}
    if is_partial(request):
        return parts.pages.page(request, "parts/answer-coming.html", {**context, "stream": _stream_of(context)})
    result = None
    if asked and not said:
        result = await parts.knowledge.answer(person, asked, collection)
    choices = await choices_of(parts, person, collection)
    return parts.pages.page(request, "ask.html", {**context, **shown(result), "choices": choices}, person=person)


@router.get(
    "/stream",
    response_class=EventSourceResponse,
    responses={
        **responses(errors.SignInNeeded, errors.NotAllowed),
        200: {"description": "Server-sent events.", "content": {"text/event-stream": {"schema": {"type": "string"}}}},
    },
)
async def stream_answer(
    request: Request, parts: Parts, person: Asker, question: Question, collection: Collection = "default"
) -> EventSourceResponse:
    """The answer as parts of the page: `more` for each sentence that is known to hold, `whole` at the end."""
    return event_stream(request, _told(request, parts, person, question.strip(), collection))


@router.post("/feedback", responses=responses(errors.FormExpired))
async def give_feedback(request: Request, parts: Parts, person: Asker, form: Form) -> Response:
    """Say whether an answer helped, and why."""
    rating = "helpful" if field(form, "rating") == "helpful" else "unhelpful"
    comment = field(form, "comment").strip()[:LONGEST_COMMENT]
    result = await parts.knowledge.feedback(person, field(form, "answer_id"), rating, comment)
    collection = field(form, "collection") or "default"
    context = {"question": field(form, "question"), "collection": collection, "said": rating}
    typed: dict[str, Any] = {"answer_id": field(form, "answer_id"), "comment": comment}
    unsaid = result if isinstance(result, Failure) else None
    if is_partial(request):
        found = {**context, **typed, "result": result, "unsaid": unsaid}
        return parts.pages.page(request, "parts/feedback-given.html", found, person=person)
    if unsaid is not None:
        choices = await choices_of(parts, person, collection)
        found = {**context, **shown(None), **typed, "unsaid": unsaid, "choices": choices}
        return parts.pages.page(request, "ask.html", found, person=person)
    return RedirectResponse(f"/ask?{urlencode(context)}", status_code=HTTPStatus.SEE_OTHER)


async def choices_of(parts: Console, person: Person, collection: str) -> Sequence[tuple[str, str]]:
    """The collections to choose from, each with how much it holds, this one among them whatever it holds."""
    found = await parts.knowledge.collections(person)
    if isinstance(found, Failure):
        return ()
    known = {
        each.name: f"{each.name} ({each.documents:,} {'document' if each.documents == 1 else 'documents'})"
        for each in found.value.items
    }
    names = known if collection in known else {**known, collection: f"{collection} (nothing yet)"}
    return sorted(names.items())


def shown(result: Result[AnswerView] | Failure | None) -> dict[str, Any]:
    """What the template of an answer finds."""
    return {
        "answer": result.value if isinstance(result, Found) else None,
        "refused": result if isinstance(result, Failure) else None,
        "unsaid": None,
        "comment": "",
        "visible": visible,
    }


def _stream_of(context: dict[str, Any]) -> str:
    return f"/ask/stream?{urlencode({'question': context['question'], 'collection': context['collection']})}"


async def _told(
    request: Request, parts: Console, person: Person, question: str, collection: str
) -> AsyncGenerator[Event, None]:
    context = {"question": question, "collection": collection, "said": ""}

    def part(template: str, **more: Any) -> str:  # noqa: ANN401  # whatever the template finds
        page = parts.pages.page(request, template, {**context, "visible": visible, **more}, person=person)
        return bytes(page.body).decode()

    ended: Result[AnswerView] = Failure("away", "The answer broke off.", "Ask again.")
    async with aclosing(parts.knowledge.answer_stream(person, question, collection)) as events:
        async for event in events:
            if isinstance(event, Failure):
                ended = event
            elif event.name == "token":
                yield Event(part("parts/sentence.html", said=json.loads(event.data)), event="more")
            elif event.name == "error":
                ended = _failed(event.data)
            elif event.name == "done":
                ended = _read(event.data)
    yield Event(part("parts/answer.html", **shown(ended)), event="whole")


def _read(data: bytes) -> Result[AnswerView]:
    try:
        return Found(AnswerView.model_validate_json(data))
    except ValidationError:
        return Failure("unreadable", "The knowledge base: an answer of another kind came.")


def _failed(data: bytes) -> Failure:
    problem = json.loads(data)
    said = str(problem.get("detail") or problem.get("title") or "The knowledge base said no.")
    return Failure("refused", said, "Ask again.", str(problem.get("type", "")).rpartition(":")[2])
