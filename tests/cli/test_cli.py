"""The tillhand command against a running knowledge base, as a person at a terminal uses it."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from tests.cli.shell import Shell
from tillhand_cli.errors import MEANINGS
from tillhand_common.testing import FakeUpstream, Reply


async def test_a_search_shows_place_and_reason(shell: Shell, docs: Path) -> None:
    await shell.tillhand("ingest", str(docs))
    found = await shell.tillhand("search", "oil the wooden board", "--top-k", "1")
    assert found.code == 0
    assert "care.txt" in found.out
    assert "matched oil, wooden, board" in " ".join(found.out.split())
    nothing = await shell.tillhand("search", "oil", "--filter", "brand=Nobody")
    assert nothing.code == 5


async def test_a_question_without_an_answer_is_told_by_the_exit_code(shell: Shell) -> None:
    ended = await shell.tillhand("ask", "What is the weather on Mars?", "--json")
    assert ended.code == 5
    assert ended.json["answered"] is False


async def test_an_unreachable_service_is_one_readable_line(shell: Shell) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
        ended = await shell.tillhand("search", "x", TILLHAND_RAG_URL=url)
    assert ended.code == 3
    assert url in ended.err
    assert "Traceback" not in ended.err


async def test_a_key_that_is_not_good_is_told_apart(shell: Shell, docs: Path) -> None:
    ended = await shell.tillhand("ingest", str(docs), TILLHAND_API_KEY="th_operator_0_0")
    assert ended.code == 4
    assert "th_operator_0_0" not in ended.err + ended.out


@pytest.mark.parametrize(
    "arguments",
    [
        ["ingest", "no-such-folder"],
        ["search", "x", "--filter", "brand"],
        ["search", "x", "--mode", "magic"],
        ["search", "x", "--top-k", "0"],
        ["keys", "create", "x", "--kind", "king"],
        ["keys", "create", "x", "--scope", "rag:fly"],
        ["rag", "evaluate", "--data", "no-such-folder"],
        ["up", "--only", "nothing"],
    ],
)
async def test_a_wrong_command_line_exits_with_2(shell: Shell, arguments: list[str]) -> None:
    ended = await shell.tillhand(*arguments)
    assert ended.code == 2, ended.err
    assert "Traceback" not in ended.err
    assert ended.err.strip()


async def test_a_key_lives_from_create_to_revoke_without_a_restart(shell: Shell, docs: Path) -> None:
    made = (await shell.tillhand("keys", "create", "importer", "--kind", "service", "--json")).json
    reading = ["ingest", str(docs / "care.txt"), "--json"]
    assert (await shell.tillhand(*reading, TILLHAND_API_KEY=made["token"])).code == 0
    rotated = (await shell.tillhand("keys", "rotate", "importer", "--json")).json
    assert (await shell.tillhand(*reading, TILLHAND_API_KEY=made["token"])).code == 4
    assert (await shell.tillhand(*reading, TILLHAND_API_KEY=rotated["token"])).code == 0
    assert (await shell.tillhand("keys", "revoke", "importer")).code == 0
    assert (await shell.tillhand(*reading, TILLHAND_API_KEY=rotated["token"])).code == 4
    listed = await shell.tillhand("keys", "list")
    assert "importer" in listed.out
    assert rotated["token"] not in listed.out
    assert (await shell.tillhand("keys", "revoke", "importer")).code == 5
    told = (await shell.tillhand("keys", "history", "--json")).json["changes"]
    assert [each["what"] for each in told if each["name"] == "importer"] == ["created", "rotated", "revoked"]
    assert "revoked" in (await shell.tillhand("keys", "history")).out


async def test_help_names_every_command_and_exit_code(shell: Shell) -> None:
    shown = await shell.tillhand("--help")
    named = {words[0] for line in shown.out.splitlines() if (words := line.strip(" │|").split())}
    assert {"up", "ingest", "ask", "search", "rag", "keys", "doctor"} <= named
    told = " ".join(shown.out.split())
    assert all(f"{code:d} {MEANINGS[code]}" in told for code in MEANINGS)


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:99999",
        "http://127.0.0.1:many",
        "http://999.1.1.1",
        "ftp://127.0.0.1",
        "http://someone:obviously-fake@127.0.0.1",
        "nowhere",
    ],
)
async def test_an_address_that_is_none_is_one_readable_line(shell: Shell, url: str) -> None:
    ended = await shell.tillhand("search", "x", "--url", url)
    assert ended.code == 2, ended.err
    assert "is no address" in ended.err
    assert "obviously-fake" not in ended.err
    assert len(ended.err.splitlines()) == 1


@pytest.mark.parametrize(
    "reply",
    [
        Reply(body=b"<h1>Welcome</h1>", headers={"content-type": "text/html"}),
        Reply.json(["neither hits nor answers"]),
        Reply.json({"hello": "world"}),
        Reply.json(["a problem that is a list"], status=500),
    ],
)
async def test_an_address_at_which_something_else_answers_is_told(shell: Shell, reply: Reply) -> None:
    async with FakeUpstream.start(reply) as other:
        ended = await shell.tillhand("search", "x", "--url", other.base_url)
    assert ended.code == 3, ended.err
    assert "Traceback" not in ended.err
    assert ended.err.startswith("tillhand: ")


async def test_a_wrong_port_stops_only_what_needs_it(shell: Shell) -> None:
    assert (await shell.tillhand("keys", "scopes", TILLHAND_RAG_PORT="abc")).code == 0
    assert (await shell.tillhand("search", "x", TILLHAND_RAG_PORT="abc")).code == 5, "TILLHAND_RAG_URL names it"
    for port in ("abc", "0", "99999"):
        ended = await shell.tillhand("up", TILLHAND_RAG_PORT=port)
        assert ended.code == 2
        assert "TILLHAND_RAG_PORT" in ended.err
        assert "Traceback" not in ended.err


@pytest.mark.parametrize("command", [["rag", "prepare"], ["rag", "evaluate", "--data", "samples/goldens.yaml"]])
async def test_a_setting_that_cannot_be_used_is_named(shell: Shell, command: list[str]) -> None:
    ended = await shell.tillhand(*command, TILLHAND_EMBEDDING_THREADS="many")
    assert ended.code == 2, ended.err
    assert "TILLHAND_EMBEDDING_THREADS" in ended.err
    assert "Traceback" not in ended.err


async def test_an_evaluation_without_a_model_says_how_to_get_one(shell: Shell, tmp_path: Path) -> None:
    command = ("rag", "evaluate", "--data", "samples/goldens.yaml")
    ended = await shell.tillhand(*command, TILLHAND_MODEL_DIR=str(tmp_path / "none"))
    assert ended.code == 3, ended.err
    assert "tillhand rag prepare" in ended.err
    assert "Traceback" not in ended.err


async def test_a_key_that_cannot_be_sent_is_not_shown(shell: Shell) -> None:
    ended = await shell.tillhand("search", "x", TILLHAND_API_KEY="obviously-fäke")
    assert ended.code == 2, ended.err
    assert "fäke" not in ended.err
