"""How a language model can fail to answer, and what its callers learn of it."""

from __future__ import annotations

import asyncio
import itertools
import logging
import traceback
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from pydantic import SecretStr

from tests.fakes.chat_asking import answer, asking, breaks_off
from tests.fakes.chat_server import DONE, chat_server, choice, event, fails, says, says_at_once, streams
from tests.fakes.shop import serving_a_request
from tillhand_common.server import bind
from tillhand_common.testing import Reply

BEGIN = event(choice({"content": "Within 30 "}))
ALIVE = streams(itertools.repeat(b": still here\n\n"))
BROKEN = b'data: {"choices": [{"delta"\n\n'

# --- before the answer ---


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        (302, "misconfigured"),
        (401, "misconfigured"),
        (402, "misconfigured"),
        (403, "misconfigured"),
        (404, "misconfigured"),
        (405, "misconfigured"),
        (413, "rejected"),
    ],
)
async def test_a_refusal_has_its_reason_and_is_not_repeated(status: int, reason: str) -> None:
    async with chat_server([fails(status)]) as server, asking(server) as model:
        text, problem = await breaks_off(model)
    assert (text, problem.reason, problem.status, len(server.requests)) == ("", reason, 503, 1)
    assert problem.document()["reason"] == reason


@pytest.mark.parametrize(
    "broken",
    [fails(500), fails(502), fails(503), fails(504), Reply(failure="reset"), fails(429)],
    ids=["500", "502", "503", "504", "reset", "429"],
)
async def test_a_passing_fault_before_the_answer_is_asked_again(broken: Reply) -> None:
    async with chat_server([broken, broken, says("Within 30 days.")]) as server, asking(server) as model:
        assert (await answer(model))[0] == "Within 30 days."
    assert len({request.headers["idempotency-key"] for request in server.requests}) == 1
    assert len(server.requests) == 3


async def test_a_lasting_fault_is_told_with_the_time_the_back_end_asks_for() -> None:
    async with chat_server(otherwise=fails(503, retry_after=60)) as server, asking(server) as model:
        _, problem = await breaks_off(model)
    assert (problem.reason, problem.retry_after_s, len(server.requests)) == ("failed", 60, 1)
    assert problem.headers["retry-after"] == "60"


async def test_nobody_listening_is_unreachable() -> None:
    with bind("127.0.0.1", 0) as taken:  # bound and not listening: connections are refused
        async with asking(f"http://127.0.0.1:{taken.getsockname()[1]}/v1") as model:
            _, problem = await breaks_off(model)
    assert problem.reason == "unreachable"


@pytest.mark.parametrize("retry_after", [0, "Thu, 01 Jan 2026 00:00:00 GMT"], ids=["seconds", "date"])
async def test_a_retry_after_that_is_short_is_waited_for(retry_after: str | int) -> None:
    async with chat_server([fails(429, retry_after=retry_after)]) as server, asking(server) as model:
        assert (await answer(model))[0] == "Yes."
    assert len(server.requests) == 2


async def test_a_retry_after_that_is_long_is_passed_on() -> None:
    later = format_datetime(datetime.now(UTC) + timedelta(seconds=100), usegmt=True)
    script = [fails(429, retry_after=90), fails(429, retry_after=later)]
    async with chat_server(script) as server, asking(server, patience_s=1) as model:
        _, in_seconds = await breaks_off(model)
        _, by_date = await breaks_off(model)
    assert (in_seconds.reason, in_seconds.retry_after_s) == ("throttled", 90)
    assert by_date.retry_after_s is not None
    assert 80 < by_date.retry_after_s <= 100
    assert len(server.requests) == 2


async def test_a_retry_after_beyond_the_deadline_is_passed_on() -> None:
    async with chat_server([fails(429, retry_after=4)]) as server, asking(server) as model, serving_a_request(2):
        _, problem = await breaks_off(model)
    assert (problem.reason, problem.retry_after_s, len(server.requests)) == ("throttled", 4, 1)


async def test_a_back_end_that_fails_again_and_again_is_given_a_rest() -> None:
    async with chat_server(otherwise=fails(500)) as server, asking(server, attempts=1) as model:
        reasons = [(await breaks_off(model))[1].reason for _ in range(6)]
        check = await model.probe()
    assert reasons == ["failed"] * 5 + ["resting"]
    assert len(server.requests) == 5
    assert (check.status, check.data["reason"]) == ("degraded", "resting")


# --- within the answer ---


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        (streams([BEGIN], then="cut"), "cut"),
        (streams([BEGIN]), "cut"),
        (streams([BEGIN, b'data: {"choices": [{"de']), "cut"),
        (streams([BEGIN, event(choice({}, "error")), DONE]), "cut"),
        (streams([BEGIN, event(choice({}, "abort")), DONE]), "cut"),
        (streams([BEGIN, BROKEN, DONE]), "unusable"),
        (streams([BEGIN, b"data: \xff\n\n", DONE]), "unusable"),
        (streams([BEGIN, event([1, 2]), DONE]), "unusable"),
        (streams([BEGIN, b"data: " + b"x" * 2**20 + b"x", DONE]), "unusable"),
        (streams([BEGIN, event({"error": {"message": "out of memory", "type": "server_error"}}), DONE]), "failed"),
        (streams([BEGIN, event({"error": {"message": "too long", "code": 400}}), DONE]), "rejected"),
        (streams([BEGIN, event({"error": {"message": "slow down", "code": "429"}}), DONE]), "throttled"),
        (streams([BEGIN, event({"error": "it broke"})]), "failed"),
        (streams([BEGIN, event({"object": "error", "message": "it broke", "code": 500})]), "failed"),
        (streams([BEGIN, b'event: error\ndata: {"message": "it broke"}\n\n']), "failed"),
        (streams([BEGIN, b'error: {"code": 503, "message": "it broke"}\n\n']), "failed"),
        (streams([BEGIN, b"error: it broke\n\n"]), "failed"),
    ],
)
async def test_an_answer_that_breaks_off_gives_its_text_then_its_reason_and_is_not_repeated(
    reply: Reply, reason: str
) -> None:
    async with chat_server([reply]) as server, asking(server) as model:
        text, problem = await breaks_off(model)
    assert (text, problem.reason, len(server.requests)) == ("Within 30 ", reason, 1)


@pytest.mark.parametrize(
    "reply",
    [
        streams([]),
        streams([DONE]),
        streams([b": ping\n\n"]),
        Reply(body=b"<html>Sign in</html>", headers={"content-type": "text/html"}),
        Reply(body=b'{"choices": ['),
        Reply.json({"hello": "world"}),
        Reply(headers={"content-encoding": "gzip"}, body=b"no gzip"),
    ],
)
async def test_what_is_no_answer_is_unusable(reply: Reply) -> None:
    async with chat_server([reply]) as server, asking(server) as model:
        assert [(text, problem.reason) for text, problem in [await breaks_off(model)]] == [("", "unusable")]


async def test_an_error_with_status_200_in_a_document_is_an_error() -> None:
    async with chat_server([Reply.json({"error": {"message": "no", "code": 401}})]) as server, asking(server) as model:
        _, problem = await breaks_off(model)
    assert problem.reason == "misconfigured"


async def test_a_document_that_is_cut_is_a_cut_answer() -> None:
    document = says_at_once("Within 30 days.")
    reply = Reply(200, document.body, document.headers, failure="truncate")
    async with chat_server([reply]) as server, asking(server) as model:
        assert (await breaks_off(model))[1].reason == "cut"


async def test_a_stalled_answer_ends_after_the_wait_for_its_next_piece() -> None:
    async with chat_server([says("Within ", asyncio.Event())]) as server, asking(server, stall_s=0.3) as model:
        text, problem = await breaks_off(model)
        assert (text, problem.reason) == ("Within ", "timeout")
        await server.left()


async def test_an_answer_that_never_ends_has_a_limit_of_time_whatever_keeps_it_alive() -> None:
    async with chat_server([ALIVE]) as server, asking(server, timeout_s=0.5) as model:
        text, problem = await breaks_off(model)
        assert (text, problem.reason) == ("", "timeout")
        await server.left()


async def test_a_back_end_that_does_not_begin_has_a_limit_of_time() -> None:
    async with chat_server([says("Late.").held(asyncio.Event())]) as server, asking(server, timeout_s=0.5) as model:
        assert (await breaks_off(model))[1].reason == "timeout"
        await server.left()


async def test_no_answer_outlasts_the_deadline_of_the_request_it_serves() -> None:
    async with chat_server([ALIVE]) as server, asking(server) as model, serving_a_request(0.1):
        text, problem = await breaks_off(model)
    assert (text, problem.reason) == ("", "timeout")


@pytest.mark.parametrize("begin", [b"{", b"data: ", b"data: \ndata: "], ids=["document", "line", "event"])
async def test_what_never_ends_is_not_collected(begin: bytes) -> None:
    endless = itertools.chain([begin], itertools.repeat(b" " * 65536))
    async with chat_server([streams(endless)]) as server, asking(server) as model:
        assert (await breaks_off(model))[1].reason == "unusable"
        await server.left()


# --- what stays inside ---


@pytest.mark.parametrize(
    "reply",
    [
        fails(400, "made-up-answer"),
        fails(401, "made-up-answer"),
        fails(500, "made-up-answer"),
        streams([event(choice({"content": "made-up-answer"})), b"data: made-up-answer\n\n"]),
        streams([event({"error": {"message": "made-up-answer"}})]),
        streams([event(choice({"content": {"made-up-answer": 1}}))]),
    ],
)
async def test_question_key_answer_and_address_reach_neither_error_nor_log(
    reply: Reply, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    key = SecretStr("made-up-key")
    async with chat_server(otherwise=reply) as server, asking(server, api_key=key, attempts=1) as model:
        _, problem = await breaks_off(model)
    shown = (
        f"{problem!r} {problem.document()} {problem.headers} {problem.__cause__!r} {caplog.text} {capfd.readouterr()}"
    )
    assert "chat_unavailable" in shown
    assert "made-up" not in "".join(traceback.format_exception(problem))
    assert not [secret for secret in ("made-up", "rope", "sources", "127.0.0.1") if secret in shown]
