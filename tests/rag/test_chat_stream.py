"""Answers of a language model as different servers send them."""

from __future__ import annotations

import asyncio
from contextlib import aclosing

import pytest
from pydantic import SecretStr

from tests.fakes.chat_asking import LIMIT_S, QUESTION, answer, asking, pieces
from tests.fakes.chat_server import (
    DONE,
    MODEL,
    chat_server,
    choice,
    event,
    says,
    says_at_once,
    streams,
    talks_forever,
    tokens,
)
from tillhand_common.testing import Reply
from tillhand_rag.adapters.chat import ChatOptions, CompletionsModel
from tillhand_rag.ports.chat import ChatPiece, ChatUsage

WHOLE = event(choice({"content": "Within 30 days."}))
STOP = event(choice({}, "stop"))

# --- what is asked ---


async def test_the_question_goes_out_as_the_chat_api_wants_it() -> None:
    async with chat_server() as server, asking(server, api_key=SecretStr("made-up")) as model:
        await pieces(model, max_tokens=7)
    (request,) = server.requests
    assert request.body == {
        "model": MODEL,
        "messages": [
            {"role": "system", "content": "Answer from the sources."},
            {"role": "user", "content": "How long may I return a rope?"},
        ],
        "stream": True,
        "stream_options": {"include_usage": True},
        "max_tokens": 7,
        "temperature": 0.0,
    }
    assert request.headers["authorization"] == "Bearer made-up"


async def test_without_key_and_temperature_neither_is_sent() -> None:
    async with chat_server() as server, asking(server, temperature=None) as model:
        await pieces(model)
    (request,) = server.requests
    assert "authorization" not in request.headers
    assert "temperature" not in request.body


async def test_nobody_can_ask_for_more_tokens_than_the_options_allow() -> None:
    async with chat_server() as server, asking(server, max_tokens=100) as model:
        await pieces(model, max_tokens=10_000)
    assert server.requests[0].body["max_tokens"] == 100


@pytest.mark.parametrize("tail", ["", "/", "/chat/completions", "/chat/completions/"])
async def test_the_address_may_be_given_with_or_without_the_path(tail: str) -> None:
    async with chat_server() as server, asking(server.base_url + tail) as model:
        assert (await answer(model))[0] == "Yes."


def test_an_address_that_is_none_is_refused_at_once() -> None:
    with pytest.raises(ValueError, match="base URL"):
        CompletionsModel(ChatOptions("localhost:8080", "any"))


# --- what comes back ---


async def test_text_comes_piece_by_piece_with_finish_and_usage_in_the_last_one() -> None:
    async with chat_server([says("Within 30 days [1].", usage=(40, 8))]) as server, asking(server) as model:
        received = await pieces(model)
    assert received == [*map(ChatPiece, ["Within ", "30 ", "days ", "[1]."]), ChatPiece("", "stop", ChatUsage(40, 8))]


async def test_a_piece_is_there_before_the_next_one_is_sent() -> None:
    more = asyncio.Event()
    async with (
        asyncio.timeout(LIMIT_S),
        chat_server([says("Within ", more, "30 days.")]) as server,
        asking(server) as model,
        aclosing(model.stream(QUESTION, max_tokens=64)) as stream,
    ):
        assert await anext(stream) == ChatPiece("Within ")
        more.set()
        assert "".join([piece.text async for piece in stream]) == "30 days."


async def test_a_connection_serves_one_answer_after_the_other() -> None:
    async with chat_server([says("One."), says("Two.")]) as server, asking(server) as model:
        assert [(await answer(model))[0], (await answer(model))[0]] == ["One.", "Two."]
    assert server.upstream.connections == 1


@pytest.mark.parametrize(
    ("named", "meant"),
    [
        ("stop", "stop"),
        ("STOP", "stop"),
        ("eos_token", "stop"),
        ("end_turn", "stop"),
        ("length", "length"),
        ("max_tokens", "length"),
        ("content_filter", "content_filter"),
        ("tool_calls", "other"),
        ("something new", "other"),
    ],
)
async def test_each_finish_reason_has_its_meaning(named: str, meant: str) -> None:
    async with chat_server([streams([WHOLE, event(choice({}, named)), DONE])]) as server, asking(server) as model:
        assert await answer(model) == ("Within 30 days.", ChatPiece("", meant))  # type: ignore[arg-type]  # a table of texts


@pytest.mark.parametrize(
    "stream",
    {
        "heartbeats": [b": ping\n\n", WHOLE, b":\n", b": PROCESSING\n\n", STOP, DONE],
        "carriage returns": [(WHOLE + STOP + DONE).replace(b"\n", b"\r\n")],
        "carriage returns alone": [(WHOLE + STOP + DONE).replace(b"\n", b"\r")],
        "no space": [WHOLE.replace(b"data: ", b"data:"), STOP, b"data:[DONE]\n\n"],
        "other fields": [b"id: 1\nevent: message\nretry: 5\n" + WHOLE, STOP, DONE],
        "a byte order mark": [b"\xef\xbb\xbf" + WHOLE, STOP, DONE],
        "several data lines": [WHOLE.replace(b'"delta"', b'\ndata: "delta"'), STOP, DONE],
        "roles and nothing": [
            event(choice({"role": "assistant"})),
            event(choice({"content": None})),
            event({"choices": [{"index": 0, "finish_reason": None}]}),
            WHOLE,
            STOP,
            DONE,
        ],
        "empty finish reasons": [WHOLE.replace(b"null", b'""'), STOP, DONE],
        "reasoning apart": [event(choice({"content": None, "reasoning_content": "Hm, ropes."})), WHOLE, STOP, DONE],
        "content in parts": [
            event(choice({"content": [{"type": "thinking", "text": "Hm."}, {"type": "text", "text": "Within 30 "}]})),
            event(choice({"content": [{"type": "text", "text": "days."}]}, "stop")),
            DONE,
        ],
        "a second choice": [event({"choices": [{"index": 1, "delta": {"content": "No."}}]}), WHOLE, STOP, DONE],
        "finish with the text": [event(choice({"content": "Within 30 days."}, "stop")), DONE],
        "no usage": [event({"choices": [], "usage": None}), WHOLE, STOP, event({"choices": []}), DONE],
        "no done": [WHOLE, STOP],
        "no done and no blank line": [WHOLE, STOP.rstrip()],
        "text after the end": [WHOLE, STOP, event(choice({"content": " And more."})), DONE, WHOLE],
        "nonsense after the end": [WHOLE, STOP, b"data: {broken\n\n", DONE],
        "no media type of its own": [b"\n", WHOLE, STOP, DONE],
    }.items(),
    ids=lambda stream: stream[0],
)
async def test_what_servers_do_differently_changes_no_answer(stream: tuple[str, list[bytes]]) -> None:
    async with chat_server([streams(stream[1])]) as server, asking(server) as model:
        assert await answer(model) == ("Within 30 days.", ChatPiece("", "stop"))


async def test_bytes_that_are_cut_anywhere_are_the_same_text() -> None:
    text = "Größe 9,5 mm\u2028für 30\x85Tage 🧗"  # two of these are line ends to a text, and none to a stream
    whole = event(choice({"content": text})) + STOP + DONE
    async with chat_server([streams(bytes([byte]) for byte in whole)]) as server, asking(server) as model:
        assert (await answer(model))[0] == text


@pytest.mark.parametrize("after", [None, "stall", "cut"])
async def test_an_answer_that_is_complete_needs_no_end_of_the_stream(after: str | None) -> None:
    reply = streams([WHOLE, STOP], then=after)  # type: ignore[arg-type]  # a table of texts
    async with chat_server([reply]) as server, asking(server, afterword_s=0.05) as model:
        assert await answer(model) == ("Within 30 days.", ChatPiece("", "stop"))


async def test_usage_that_comes_with_every_piece_is_told_once_and_last() -> None:
    counted = [event({**choice({"content": word}), "usage": tokens(40, n)}) for n, word in enumerate(["One ", "two."])]
    async with chat_server([streams([*counted, STOP, DONE])]) as server, asking(server) as model:
        received = await pieces(model)
    assert received == [ChatPiece("One "), ChatPiece("two."), ChatPiece("", "stop", ChatUsage(40, 1))]


async def test_done_without_a_finish_reason_is_an_end_all_the_same() -> None:
    async with chat_server([streams([WHOLE + DONE + WHOLE])]) as server, asking(server) as model:
        assert await answer(model) == ("Within 30 days.", ChatPiece("", "other"))


@pytest.mark.parametrize("media_type", ["application/json", "text/plain", "text/event-stream"])
async def test_a_server_that_does_not_stream_answers_in_one_piece(media_type: str) -> None:
    document = says_at_once("Within 30 days.", usage=(40, 8))
    reply = Reply(200, b"\n " + document.body, {"content-type": media_type})
    async with chat_server([reply]) as server, asking(server) as model:
        assert await pieces(model) == [ChatPiece("Within 30 days."), ChatPiece("", "stop", ChatUsage(40, 8))]


# --- bounds ---


async def test_a_server_that_ignores_the_limit_is_cut_off_and_the_answer_says_so() -> None:
    async with chat_server([talks_forever()]) as server, asking(server) as model:
        text, last = await answer(model, max_tokens=4)
        assert (len(text), last.finish) == (4 * 32 + 256, "length")
        await server.left()


async def test_a_document_that_is_too_long_is_cut_off_too() -> None:
    async with chat_server([says_at_once("and " * 1000)]) as server, asking(server) as model:
        text, last = await answer(model, max_tokens=4)
    assert (len(text), last.finish) == (4 * 32 + 256, "length")


# --- the client leaves ---


async def test_closing_the_generator_closes_the_connection_upstream() -> None:
    never = asyncio.Event()
    async with chat_server([says("Within ", never)]) as server, asking(server) as model:
        stream = model.stream(QUESTION, max_tokens=64)
        async with asyncio.timeout(LIMIT_S):
            await anext(stream)
            await stream.aclose()
        await server.left()


@pytest.mark.parametrize("held", [True, False], ids=["before the head", "in the middle"])
async def test_cancelling_closes_the_connection_upstream(held: bool) -> None:
    never = asyncio.Event()
    reply = says("Within.").held(never) if held else says("Within ", never)
    async with chat_server([reply]) as server, asking(server) as model:
        task = asyncio.create_task(pieces(model))
        await server.received()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await server.left()
