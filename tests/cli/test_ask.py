"""What `tillhand ask` tells of an answer: whether people, a model or the sources speak, and what is missing."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.cli.shell import Ended, Shell
from tests.fakes.chat_model import ScriptedChat
from tests.fakes.embedder import HashingEmbedder
from tillhand_common import keys
from tillhand_common.testing import FakeUpstream, Reply, running
from tillhand_rag.app import create_app
from tillhand_rag.settings import RagSettings

ANSWER: dict[str, Any] = {
    "answered": True,
    "answer": "Within 30 days.",
    "method": "correction",
    "confidence": 1.0,
    "threshold": 0.3,
    "citations": [],
    "fallback": None,
    "notices": [],
    "model": None,
    "cached": False,
    "times_ms": {"embed": 1.0, "retrieve": 0.0, "total": 1.2},
    "correction": {
        "author": "Customer care",
        "last_verified": "2026-11-01T00:00:00Z",
        "expires_at": "2027-01-01T00:00:00Z",
        "sources": [{"title": "Returns", "source": None, "url": None, "document_id": "d", "stale": True}],
    },
}


@pytest.fixture
async def shell(tmp_path: Path) -> AsyncIterator[Shell]:
    """A terminal that reaches a knowledge base with a language model."""
    keys.bootstrap(tmp_path)
    chat = ScriptedChat("Oil the wooden board once a month [1]. It is cheap.", "It is made of gold [1].")
    app = create_app(RagSettings(data_dir=tmp_path), embedder=HashingEmbedder(), chat=chat)
    async with running(app) as url:
        yield Shell(tmp_path, url)


async def shown(answer: dict[str, Any]) -> str:
    """What is shown of this answer, on one line."""
    async with FakeUpstream.start(Reply.json(answer)) as service:
        ended = await Shell(Path(), service.base_url).tillhand("ask", "x")
    return flat(ended)


def flat(ended: Ended) -> str:
    assert ended.code == 0, ended.err
    return " ".join(ended.out.split())


async def test_a_written_answer_names_its_model_and_what_was_left_out(shell: Shell, docs: Path) -> None:
    await shell.tillhand("ingest", str(docs))
    told = flat(await shell.tillhand("ask", "How often should I oil the wooden board?"))
    assert "Oil the wooden board once a month. [1]" in told
    assert "“Oil the wooden board once a month.”" in told
    assert "Written by scripted, each sentence checked against its quote." in told
    assert "One sentence of the language model left out" in told
    told = flat(await shell.tillhand("ask", "How often should I oil the wooden board?", "--mode", "keyword"))
    assert "Quotes stand in: what the language model wrote is not in the sources." in told
    quoted = await shell.tillhand("ask", "How often should I oil the wooden board?", "--method", "extractive", "--json")
    assert (quoted.json["method"], quoted.json["fallback"]) == ("extractive", None)


async def test_a_correction_is_told_with_its_author_its_dates_and_what_it_rests_on() -> None:
    told = await shown(ANSWER)
    assert "Answered by Customer care, last verified 2026-11-01T00:00:00Z, valid until 2027-01-01T00:00:00Z." in told
    assert "Rests on Returns, which no longer says so." in told


async def test_a_fallback_says_when_to_come_back_and_a_kept_answer_that_it_is_one() -> None:
    fallback = {"reason": "unavailable", "retry_after_s": 7.0}
    told = await shown({**ANSWER, "method": "extractive", "correction": None, "fallback": fallback, "cached": True})
    assert "Quotes stand in: the language model could not be asked; it may be asked again in 7 s." in told
    assert "Given before, and still true to the documents." in told


async def test_an_unknown_method_is_a_wrong_command_line(shell: Shell) -> None:
    ended = await shell.tillhand("ask", "x", "--method", "magic")
    assert ended.code == 2
    assert "method" in ended.err
