"""Answers: as a document, or as a stream of events while they come about."""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Header, Request, Response

from tillhand_common.problems import Problem, responses
from tillhand_common.security import Principal, require
from tillhand_common.sse import Event as Sent
from tillhand_common.sse import event_stream
from tillhand_rag.domain.query import Query
from tillhand_rag.errors import CollectionNotFound, EmbedderUnavailable, InvalidFilter, StoreUnavailable
from tillhand_rag.models.answers import Answer, AnswerRequest, SourcesEvent
from tillhand_rag.routes.answer_shapes import answer_out, token_out
from tillhand_rag.routes.dependencies import conditions, replying
from tillhand_rag.routes.passage_shapes import passage_out
from tillhand_rag.service.answers import Answered, Asker, Event, Question, SourcesFound
from tillhand_rag.service.replying import Replying

router = APIRouter(prefix="/v1", tags=["search and answers"])

EVENT_STREAM: Final = "text/event-stream"
AGE: Final = {"Age": {"description": "Seconds since a kept answer was made.", "schema": {"type": "integer"}}}
PROBLEMS: Final = (CollectionNotFound, InvalidFilter, EmbedderUnavailable, StoreUnavailable)
Reader = Annotated[Principal, Depends(require("rag:read"))]
Service = Annotated[Replying, Depends(replying)]
CacheControl = Annotated[
    str, Header(description="`no-cache` has the answer made anew, `no-store` also keeps it from being kept.")
]


@router.post(
    "/answers",
    response_model=Answer,
    responses={
        200: {
            "description": "The answer; as a stream: `sources`, a `token` for each sentence, `done` with the answer, "
            "or `error` with a problem.",
            "content": {EVENT_STREAM: {"schema": {"type": "string"}}},
            "headers": AGE,
        },
        **responses(*PROBLEMS),
    },
)
async def answer_question(
    body: AnswerRequest,
    principal: Reader,
    replying: Service,
    request: Request,
    response: Response,
    cache_control: CacheControl = "",
) -> Answer | Response:
    """Answer from the sources alone, or say that they do not hold an answer.

    With `Accept: text/event-stream` the answer comes as events, each sentence as soon as it is known to hold.
    """
    principal.check_collection(body.collection)
    started = time.perf_counter()
    question = Question(
        Query(body.question, body.collection, body.mode, conditions(body.filters)),
        asker_of(principal),
        body.method,
        body.max_citations,
        body.max_tokens,
        body.unsupported,
        recall=may_recall(cache_control),
        keep=may_keep(cache_control),
    )
    if EVENT_STREAM in request.headers.get("accept", ""):
        events = replying.stream(question)
        first = await anext(events)  # whatever goes wrong before it is a problem with a status of its own
        return event_stream(request, _sent(first, events, started))
    given = await replying.reply(question)
    tell_age(response, given)
    return answer_out(given, started)


def asker_of(principal: Principal) -> Asker:
    """For whom an answer may be kept: never for another tenant, nor for a key that may see other collections."""
    return Asker(principal.tenant, principal.collections)


def tell_age(response: Response, given: Answered) -> None:
    """Say in the header `Age` how old a kept answer is."""
    if given.age_s is not None:
        response.headers["age"] = str(int(given.age_s))


def may_recall(cache_control: str) -> bool:
    """Whether a request takes a kept answer."""
    return not _directives(cache_control) & {"no-cache", "no-store"}


def may_keep(cache_control: str) -> bool:
    """Whether a request lets its answer be kept."""
    return "no-store" not in _directives(cache_control)


def _directives(cache_control: str) -> set[str]:
    return {part.strip().lower() for part in cache_control.split(",")}


async def _sent(
    first: Event, events: AsyncGenerator[Event, None], started: float
) -> AsyncGenerator[Sent | bytes, None]:
    sentence = 0
    async with aclosing(events):
        yield _sources(first)
        try:
            async for event in events:
                if isinstance(event, Answered):
                    yield Sent(answer_out(event, started).model_dump_json(), event="done")
                elif not isinstance(event, SourcesFound):
                    sentence += 1
                    yield Sent(token_out(event, sentence).model_dump_json(), event="token")
        except Problem as problem:
            yield Sent(problem.document(), event="error")


def _sources(event: Event) -> Sent:
    chunks = event.chunks if isinstance(event, SourcesFound) else ()
    return Sent(SourcesEvent(sources=[passage_out(chunk) for chunk in chunks]).model_dump_json(), event="sources")
