"""The adapter before a real server with real weights: what a scripted one cannot prove."""

from __future__ import annotations

import asyncio

from pydantic import SecretStr

from tests.fakes.chat_asking import asking, breaks_off, pieces
from tests.fakes.waiting import until
from tests.llm.conftest import KEY, RealServer
from tests.llm.real_server import ALIAS, TOKENS_PER_SLOT
from tillhand_rag.ports.chat import ChatMessage, ChatPiece

THE_KEY = SecretStr(KEY)
PATIENCE_S = 90.0  # two cores that others use as well read a few tokens a second


def question(text: str) -> list[ChatMessage]:
    return [ChatMessage("user", text)]


def text_of(received: list[ChatPiece]) -> str:
    return "".join(piece.text for piece in received)


async def test_a_limit_of_tokens_ends_an_answer_by_its_length_and_is_counted(real: RealServer) -> None:
    async with asking(real.base_url, model=ALIAS, api_key=THE_KEY) as model:
        received = await pieces(model, 12, question("Name some colours."), limit_s=PATIENCE_S)
    last = received[-1]
    assert last.finish == "length"
    assert last.usage is not None
    assert last.usage.completion_tokens == 12
    assert last.usage.prompt_tokens > 0
    assert len(received) > 6
    assert text_of(received).strip()


async def test_an_answer_that_is_whole_stops(real: RealServer) -> None:
    asked = question("Reply with one word: yes or no. Is water wet?")
    async with asking(real.base_url, model=ALIAS, api_key=THE_KEY) as model:
        received = await pieces(model, 200, asked, limit_s=PATIENCE_S)
    assert received[-1].finish == "stop"


async def test_letters_of_several_bytes_arrive_whole(real: RealServer) -> None:
    async with asking(real.base_url, model=ALIAS, api_key=THE_KEY) as model:
        received = await pieces(model, 16, question("Repeat: 🧗 Größe"), limit_s=PATIENCE_S)
    assert "Größe" in text_of(received)
    assert "\ufffd" not in text_of(received)


async def test_two_are_answered_at_a_time_and_alike(real: RealServer) -> None:
    async with asking(real.base_url, model=ALIAS, api_key=THE_KEY) as model:
        asked = question("What is a rope for?")
        one, other = await asyncio.gather(*(pieces(model, 8, asked, limit_s=PATIENCE_S) for _ in range(2)))
    assert text_of(one)
    assert one[-1].usage == other[-1].usage


async def test_leaving_ends_the_work_in_the_server(real: RealServer) -> None:
    ended = len(real.released())
    async with asking(real.base_url, model=ALIAS, api_key=THE_KEY) as model:
        stream = model.stream(question("Tell a long story about the sea."), max_tokens=400)
        async with asyncio.timeout(PATIENCE_S):
            await anext(stream)
            await stream.aclose()
        await until(lambda: len(real.released()) > ended)
    assert real.released()[-1] < 200


async def test_a_question_beyond_the_context_is_rejected(real: RealServer) -> None:
    async with asking(real.base_url, model=ALIAS, api_key=THE_KEY) as model:
        _, problem = await breaks_off(model, question("rope " * TOKENS_PER_SLOT))
    assert problem.reason == "rejected"


async def test_a_wrong_key_is_a_fault_of_the_configuration(real: RealServer) -> None:
    async with asking(real.base_url, model=ALIAS, api_key=SecretStr("another")) as model:
        _, problem = await breaks_off(model)
    assert problem.reason == "misconfigured"


async def test_the_server_lists_its_model(real: RealServer) -> None:
    async with asking(real.base_url, model=ALIAS, api_key=THE_KEY) as model:
        check = await model.probe()
    assert (check.status, check.data) == ("ok", {"model": ALIAS, "listed": True})
