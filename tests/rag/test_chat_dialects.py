"""Back ends that want to be asked in other words, and what is found out about them."""

from __future__ import annotations

import json

import pytest
from pydantic import SecretStr

from tests.fakes.chat_asking import answer, asking, breaks_off, pieces
from tests.fakes.chat_server import MODEL, ChatServer, chat_server, fails, says
from tillhand_common.metrics import Metrics
from tillhand_common.server import bind
from tillhand_common.testing import Reply
from tillhand_rag.adapters.chat import ChatMetrics

UNKNOWN_OPTION = fails(400, "Unrecognized request argument supplied: stream_options")


def keys(server: ChatServer) -> list[set[str]]:
    """The words of each request that back ends may not know."""
    asked = {"stream_options", "max_tokens", "max_completion_tokens", "temperature"}
    return [asked & request.body.keys() for request in server.requests]


# --- what is refused is left out ---


@pytest.mark.parametrize(
    "refusal", [UNKNOWN_OPTION, fails(400, "Bad request."), fails(422, "extra fields not permitted")]
)
async def test_a_back_end_without_stream_options_is_asked_again_without_them_once_and_for_all(refusal: Reply) -> None:
    async with chat_server([refusal]) as server, asking(server) as model:
        assert [(await answer(model))[0] for _ in range(2)] == ["Yes.", "Yes."]
    without = {"max_tokens", "temperature"}
    assert keys(server) == [{"stream_options", *without}, without, without]


async def test_a_model_that_has_other_words_for_all_is_learnt_word_by_word() -> None:
    refusals = [
        fails(400, "Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead."),
        fails(400, "Unsupported value: 'temperature' does not support 0.0 with this model."),
    ]
    async with chat_server(refusals) as server, asking(server) as model:
        await pieces(model, max_tokens=7)
        await pieces(model, max_tokens=7)
    assert keys(server)[2:] == [{"stream_options", "max_completion_tokens"}] * 2
    assert server.requests[2].body["max_completion_tokens"] == 7


async def test_a_refusal_that_repeats_the_whole_request_costs_the_stream_options_first() -> None:
    sent = json.dumps({"stream_options": {}, "max_tokens": 64, "temperature": 0})
    async with chat_server([fails(422, f"extra_forbidden in {sent}")]) as server, asking(server) as model:
        await pieces(model)
    assert keys(server)[1] == {"max_tokens", "temperature"}


async def test_a_question_that_is_refused_either_way_teaches_nothing() -> None:
    too_long = fails(400, "This model's context is 512 tokens.")
    async with chat_server([too_long, too_long]) as server, asking(server) as model:
        _, problem = await breaks_off(model)
        assert (problem.reason, len(server.requests)) == ("rejected", 2)
        await pieces(model)
    assert "stream_options" in keys(server)[2]


# --- readiness ---


async def test_a_back_end_that_serves_the_model_is_well() -> None:
    async with chat_server() as server, asking(server, api_key=SecretStr("made-up")) as model:
        check = await model.probe()
    assert (check.status, check.data) == ("ok", {"model": MODEL, "listed": True})
    (request,) = server.upstream.requests
    assert (request.target, request.headers["authorization"]) == ("/v1/models", "Bearer made-up")


@pytest.mark.parametrize("listed", [{"id": f"{MODEL}:latest"}, {"id": "a-file.gguf", "aliases": [MODEL]}])
async def test_a_model_is_known_by_its_other_names_too(listed: dict[str, object]) -> None:
    async with chat_server() as server, asking(server) as model:
        server.models(Reply.json({"data": [listed]}))
        assert (await model.probe()).data["listed"] is True


@pytest.mark.parametrize(
    "listing",
    [
        Reply.json({"data": [{"id": "another"}]}),
        Reply(404),
        Reply(body=b"no list"),
        Reply.json([]),
        Reply.json({}),
        Reply.json({"data": [{"id": 5}]}),
    ],
)
async def test_a_model_that_is_not_listed_degrades_until_it_has_answered(listing: Reply) -> None:
    async with chat_server() as server, asking(server) as model:
        server.models(listing)
        assert (await model.probe()).status == "degraded"
        await pieces(model)
        assert (await model.probe()).status == "ok"


@pytest.mark.parametrize(
    ("listing", "reason"),
    [(fails(401), "misconfigured"), (fails(500), "failed"), (Reply(failure="reset"), "unreachable")],
)
async def test_a_back_end_that_is_not_well_degrades_and_says_why(listing: Reply, reason: str) -> None:
    async with chat_server() as server, asking(server) as model:
        server.models(listing)
        checks = [await model.probe() for _ in range(10)]
    assert [(check.status, check.data["reason"]) for check in checks] == [("degraded", reason)] * 10
    assert len(server.upstream.requests) == 10
    assert "127.0.0.1" not in checks[0].detail


async def test_a_back_end_that_is_not_there_degrades() -> None:
    with bind("127.0.0.1", 0) as taken:
        async with asking(f"http://127.0.0.1:{taken.getsockname()[1]}/v1") as model:
            assert (await model.probe()).data["reason"] == "unreachable"


async def test_probes_do_not_hide_from_the_breaker_that_answers_fail() -> None:
    async with chat_server(otherwise=fails(500)) as server, asking(server, attempts=1) as model:
        for _ in range(5):
            await breaks_off(model)
            await model.probe()
        assert (await breaks_off(model))[1].reason == "resting"


# --- metrics ---


async def test_answers_tokens_and_the_first_text_are_counted() -> None:
    metrics = Metrics("test")
    script = [says("Within 30 days.", usage=(40, 8)), says("Within", then="cut", finish=None), fails(401)]
    async with chat_server(script) as server, asking(server, metrics=ChatMetrics(metrics)) as model:
        await pieces(model)
        await breaks_off(model)
        await breaks_off(model)
        stream = model.stream((), max_tokens=1)
        await anext(stream)
        await stream.aclose()
    text = metrics.render().decode()
    for outcome in ("answered", "cut", "misconfigured", "left"):
        assert f'rag_chat_answers_total{{outcome="{outcome}"}} 1.0' in text
    assert 'rag_chat_tokens_total{kind="prompt"} 40.0' in text
    assert 'rag_chat_tokens_total{kind="completion"} 8.0' in text
    assert "rag_chat_first_text_seconds_count 3.0" in text
