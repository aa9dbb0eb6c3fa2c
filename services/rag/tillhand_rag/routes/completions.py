"""The knowledge base as a chat model, for clients that speak OpenAI's interface: a collection is a model."""

from __future__ import annotations

import re
import secrets
import time
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Request, Response

from tillhand_common.problems import InvalidInput, NotFound, Problem, responses
from tillhand_common.security import Principal, require
from tillhand_common.sse import event_stream
from tillhand_rag.domain.conversation import standalone
from tillhand_rag.domain.query import Query
from tillhand_rag.errors import EmbedderUnavailable, StoreUnavailable
from tillhand_rag.models.answers import Answer
from tillhand_rag.models.completions import (
    ChatAnswerMessage,
    ChatChoice,
    ChatChunk,
    ChatChunkChoice,
    ChatCompletion,
    ChatDelta,
    ChatRequest,
    ChatUsage,
    Finish,
    Model,
    ModelList,
)
from tillhand_rag.models.questions import MAX_QUERY_CHARACTERS
from tillhand_rag.routes.answer_shapes import answer_out
from tillhand_rag.routes.answers import (
    AGE,
    EVENT_STREAM,
    CacheControl,
    Service,
    asker_of,
    may_keep,
    may_recall,
    tell_age,
)
from tillhand_rag.routes.completion_errors import OpenAIRoute, error_of
from tillhand_rag.routes.completion_shapes import NOT_ANSWERED, content_of, finish_of, notes_of, usage_of
from tillhand_rag.routes.completion_stream import DONE, DataOnly, data
from tillhand_rag.routes.dependencies import store
from tillhand_rag.service.answers import Answered, Event, Question, Said
from tillhand_rag.service.routed import RoutedStore

router = APIRouter(prefix="/v1", tags=["OpenAI-compatible"], route_class=OpenAIRoute)

Reader = Annotated[Principal, Depends(require("rag:read"))]
Store = Annotated[RoutedStore, Depends(store)]
_OWNER: Final = "tillhand"
_MODEL: Final = re.compile(rf"{_OWNER}/([a-z0-9][a-z0-9_-]{{0,62}})")


@router.get("/models", responses=responses(StoreUnavailable))
async def list_models(principal: Reader, store: Store) -> ModelList:
    """The collections that the key may see, as models."""
    visible = [each.name for each in await store.collections() if principal.may_see(each.name)]
    return ModelList(data=[Model(id=f"{_OWNER}/{name}", created=0, owned_by=_OWNER) for name in visible])


@router.post(
    "/chat/completions",
    response_model=ChatCompletion,
    responses={
        200: {
            "description": "The answer; with `stream`, as `chat.completion.chunk`s and `[DONE]`.",
            "content": {EVENT_STREAM: {"schema": {"type": "string"}}},
            "headers": AGE,
        },
        **responses(NotFound, EmbedderUnavailable, StoreUnavailable),
    },
)
async def complete_chat(
    body: ChatRequest,
    principal: Reader,
    replying: Service,
    store: Store,
    request: Request,
    response: Response,
    cache_control: CacheControl = "",
) -> ChatCompletion | Response:
    """Answer the last question of a conversation from the sources alone."""
    question = Question(
        Query(_question(body), _collection(body.model, principal, store)),
        asker_of(principal),
        max_tokens=body.most_tokens,
        recall=may_recall(cache_control),
        keep=may_keep(cache_control),
    )
    turn = _Turn(f"chatcmpl-{secrets.token_urlsafe(18)}", int(time.time()), body.model, time.perf_counter())
    if body.stream:
        events = replying.stream(question)
        await anext(events)  # the sources; whatever goes wrong before them has a status of its own
        with_usage = body.stream_options is not None and body.stream_options.include_usage
        return DataOnly(event_stream(request, turn.sent(events, with_usage=with_usage)))
    given = await replying.reply(question)
    tell_age(response, given)
    return turn.whole(given)


def _collection(model: str, principal: Principal, store: RoutedStore) -> str:
    """The collection that a model is. Raises `NotFound`, alike for one that is foreign and one that is not there."""
    named = _MODEL.fullmatch(model)
    if named is None or not principal.may_see(named[1]) or not store.has(named[1]):
        raise NotFound("There is no such model; GET /v1/models lists them.", field="body.model")
    return named[1]


def _question(body: ChatRequest) -> str:
    questions = [message.text for message in body.messages if message.role == "user"]
    if not questions or not questions[-1].strip():
        raise InvalidInput("There is no question: the user's last message has no text.", field="body.messages")
    if len(questions[-1]) > MAX_QUERY_CHARACTERS:
        raise InvalidInput(f"A question has at most {MAX_QUERY_CHARACTERS} characters.", field="body.messages")
    return standalone(questions, MAX_QUERY_CHARACTERS)


@dataclass(frozen=True, slots=True)
class _Turn:
    """The assistant's turn, whole or in pieces. `created` is in POSIX seconds, `started` of `time.perf_counter()`."""

    id: str
    created: int
    model: str
    started: float

    def whole(self, given: Answered) -> ChatCompletion:
        """The turn as one document."""
        return ChatCompletion(
            id=self.id,
            created=self.created,
            model=self.model,
            choices=[ChatChoice(message=ChatAnswerMessage(content=content_of(given)), finish_reason=finish_of(given))],
            usage=usage_of(given),
            tillhand=answer_out(given, self.started),
        )

    async def sent(self, events: AsyncGenerator[Event, None], *, with_usage: bool) -> AsyncGenerator[bytes, None]:
        """The turn in frames."""
        async with aclosing(events):
            yield self._frame(self._chunk(ChatDelta(role="assistant", content="")))
            try:
                async for event in events:
                    if isinstance(event, Said):
                        yield self._frame(self._chunk(ChatDelta(content=event.piece)))
                    elif isinstance(event, Answered):
                        rest = ("" if event.answered else NOT_ANSWERED) + notes_of(event)
                        if rest:
                            yield self._frame(self._chunk(ChatDelta(content=rest)))
                        yield self._frame(self._chunk(ChatDelta(), finish_of(event), answer_out(event, self.started)))
                        if with_usage:
                            yield self._frame(self._chunk(usage=usage_of(event)))
            except Problem as problem:
                yield data({"error": error_of(problem)})
            yield DONE

    def _chunk(
        self,
        delta: ChatDelta | None = None,
        finish: Finish | None = None,
        answer: Answer | None = None,
        usage: ChatUsage | None = None,
    ) -> ChatChunk:
        """A piece of the turn; without a delta it has no choices."""
        choices = [] if delta is None else [ChatChunkChoice(delta=delta, finish_reason=finish)]
        return ChatChunk(
            id=self.id, created=self.created, model=self.model, choices=choices, usage=usage, tillhand=answer
        )

    @staticmethod
    def _frame(chunk: ChatChunk) -> bytes:
        shown = chunk.model_dump(mode="json", exclude={"tillhand"}, exclude_none=True)
        for choice in shown["choices"]:
            choice.setdefault("finish_reason", None)
        return data(shown if chunk.tillhand is None else {**shown, "tillhand": chunk.tillhand.model_dump(mode="json")})
