"""`tillhand connect` and `tillhand mcp`: credentials, clients' settings, and the protocol over standard streams."""

from __future__ import annotations

import asyncio
import json
import shlex
import stat
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.cli.shell import WITHOUT_SETTINGS, Shell
from tests.mcp.fixtures.service import serving
from tests.mcp.fixtures.toolbox import FakeToolbox
from tillhand_cli.clients import CLIENTS, configuration

WITHIN_S = 40


async def test_connect_says_which_credentials_lack_and_how_to_get_them(tmp_path: Path) -> None:
    ended = await Shell(tmp_path, "").tillhand("connect", "shopify", TILLHAND_SHOPIFY_STORE="my-shop.myshopify.com")
    assert ended.code == 2
    assert "TILLHAND_SHOPIFY_CLIENT_ID, TILLHAND_SHOPIFY_CLIENT_SECRET missing" in ended.out
    assert "read_products" in ended.err
    assert "TILLHAND_SHOPIFY_STORE missing" not in ended.out


async def test_connect_never_takes_a_mock_for_the_vendor(tmp_path: Path) -> None:
    ended = await Shell(tmp_path, "").tillhand("connect", "gsc", "--json", MCP_FORCE_MOCKS="true")
    assert ended.json["state"] == "blocked"


async def test_connect_tells_what_is_wrong_with_a_key_file_and_nothing_of_what_is_in_it(tmp_path: Path) -> None:
    (tmp_path / "key.json").write_text('{"type": "service_account", "private_key": "very-secret"}')
    given = {"TILLHAND_GOOGLE_CREDENTIALS": str(tmp_path / "key.json"), "TILLHAND_GA4_PROPERTY": "1234"}
    ended = await Shell(tmp_path, "").tillhand("connect", "ga4", **given)
    assert (ended.code, "client_email" in ended.err, "very-secret" in ended.err + ended.out) == (3, True, False)


async def asked(folder: Path, answers: bytes) -> None:
    command = [sys.executable, "-m", "tillhand_cli", "connect", "bing", "--ask"]
    process = await asyncio.create_subprocess_exec(
        *command,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        cwd=folder,
        env=WITHOUT_SETTINGS,
    )
    async with asyncio.timeout(WITHIN_S):
        await process.communicate(answers)


async def test_connect_asks_and_writes_what_it_was_told_where_only_its_owner_reads_it(tmp_path: Path) -> None:
    await asked(tmp_path, b"the-key\nhttps://example.com/\n")
    kept = (tmp_path / ".env").read_text()
    assert "the-key" in kept
    assert "TILLHAND_BING_SITE" in kept
    assert stat.S_IMODE((tmp_path / ".env").stat().st_mode) == 0o600


async def test_connect_writes_nothing_that_would_keep_services_from_starting(tmp_path: Path) -> None:
    await asked(tmp_path, b"the-key\nexample.com\n")
    assert not (tmp_path / ".env").exists()


@pytest.mark.parametrize("client", CLIENTS)
def test_every_client_is_told_where_the_key_lies_and_not_what_it_is(tmp_path: Path, client: str) -> None:
    (tmp_path / "agent.key").write_text("th_agent_secret")
    told = configuration(client, "http://127.0.0.1:8002", tmp_path / "agent.key")
    assert told.where
    assert str(tmp_path / "agent.key") in told.text
    assert "th_agent_secret" not in told.text
    if told.text.startswith("{"):
        (servers,) = json.loads(told.text).values()
        assert list(servers) == ["tillhand"]


async def test_what_a_client_is_told_starts_this_very_program(tmp_path: Path) -> None:
    ended = await Shell(tmp_path, "").tillhand("mcp", "config", "cursor", "--json")
    program = json.loads(ended.json["text"])["mcpServers"]["tillhand"]
    assert (Path(program["command"]).name, program["args"][:2]) == ("tillhand", ["mcp", "stdio"])
    assert (await Shell(tmp_path, "").tillhand("mcp", "config", "nobodys")).code == 2


class Program:
    """`tillhand mcp stdio` as a client starts it."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    @classmethod
    async def start(cls, url: str, key: Path) -> Program:
        command = [sys.executable, "-m", "tillhand_cli", "mcp", "stdio", "--url", url, "--key-file", str(key)]
        pipe = asyncio.subprocess.PIPE
        return cls(
            await asyncio.create_subprocess_exec(*command, stdin=pipe, stdout=pipe, stderr=pipe, env=WITHOUT_SETTINGS)
        )

    async def ask(self, **message: object) -> dict[str, Any]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps({"jsonrpc": "2.0", **message}).encode() + b"\n")
        async with asyncio.timeout(WITHIN_S):
            while True:
                told: dict[str, Any] = json.loads(await self._process.stdout.readline())
                if told.get("id") == message["id"]:
                    return told

    async def end(self) -> int:
        assert self._process.stdin is not None
        self._process.stdin.close()
        async with asyncio.timeout(WITHIN_S):
            return await self._process.wait()


HELLO = {
    "protocolVersion": "2025-06-18",
    "capabilities": {},
    "clientInfo": {"name": "test", "version": "1"},
}
MODERN = {
    "io.modelcontextprotocol/protocolVersion": "2026-07-28",
    "io.modelcontextprotocol/clientInfo": {"name": "test", "version": "1"},
    "io.modelcontextprotocol/clientCapabilities": {},
}


async def test_both_eras_go_through_standard_streams_with_the_key_from_its_file(tmp_path: Path) -> None:
    async with serving(FakeToolbox(), tmp_path) as service:
        (tmp_path / "agent.key").write_text(service.key("agent-one"))
        program = await Program.start(service.url.removesuffix("/mcp"), tmp_path / "agent.key")
        begun = await program.ask(id=1, method="initialize", params=HELLO)
        assert begun["result"]["protocolVersion"] == "2025-06-18"
        listed = await program.ask(id=2, method="tools/list", params={})
        called = {"name": "echo", "arguments": {"text": "hello"}, "_meta": MODERN}
        answered = await program.ask(id="three", method="tools/call", params=called)
        assert "echo" in {tool["name"] for tool in listed["result"]["tools"]}
        assert "hello" in json.dumps(answered["result"])
        assert await program.end() == 0


async def test_a_service_that_is_away_is_an_error_of_the_request_and_not_the_end(tmp_path: Path) -> None:
    (tmp_path / "agent.key").write_text("th_agent_nobody")
    program = await Program.start("http://127.0.0.1:1", tmp_path / "agent.key")
    for number in (1, 2):
        told = await program.ask(id=number, method="initialize", params=HELLO)
        assert "does not answer at http://127.0.0.1:1/mcp (ConnectError)" in told["error"]["message"]
    assert await program.end() == 0


def test_a_path_with_a_space_in_it_stays_one_word(tmp_path: Path) -> None:
    key = tmp_path / "My shop" / "agent.key"
    assert shlex.split(configuration("claude-code", "http://127.0.0.1:8002", key).text)[-1] == str(key)
