"""The SDK's own client, in the oldest era and the newest, against the face in the chassis."""

import pytest
from mcp.shared.exceptions import MCPError
from mcp_types import INTERNAL_ERROR, INVALID_PARAMS, TextContent, TextResourceContents

from tests.mcp.conftest import Connect
from tests.mcp.fixtures.clients import words
from tests.mcp.fixtures.toolbox import TOOLS, FakeToolbox


async def test_a_client_lists_every_tool_and_the_one_by_which_to_ask_again(connect: Connect, era: str) -> None:
    async with connect(era) as client:
        listed = {tool.name: tool for tool in (await client.list_tools()).tools}
    assert list(listed) == sorted({tool.name for tool in TOOLS} | {"approval_status"})
    hints = listed["proposes"].annotations
    assert hints is not None
    assert (hints.read_only_hint, hints.destructive_hint, hints.idempotent_hint) == (False, True, False)
    assert listed["echo"].input_schema == dict(TOOLS[2].input_schema)
    assert listed["echo"].output_schema == dict(TOOLS[2].output_schema)


async def test_an_answer_is_structured_with_the_same_in_few_words_beside_it(connect: Connect, era: str) -> None:
    async with connect(era) as client:
        result = await client.call_tool("echo", {"text": "hello"})
    assert result.structured_content == {"text": "hello"}
    assert words(result) == "echo: hello"
    assert not result.is_error


async def test_a_refusal_is_a_result_that_says_what_to_do(connect: Connect, era: str) -> None:
    async with connect(era) as client:
        result = await client.call_tool("refuses", {})
    assert result.is_error
    assert words(result) == 'The shop asks to slow down. Try again in 2 s.\n{"bucket":"orders"}'
    assert result.meta is not None
    assert result.meta["tillhand/problem"]["slug"] == "upstream-throttled"


async def test_a_problem_of_the_service_is_one_too(connect: Connect, era: str) -> None:
    async with connect(era) as client:
        result = await client.call_tool("stands_still", {})
    assert result.is_error
    assert words(result) == "The shop does not answer."


async def test_nothing_of_an_unexpected_error_leaves(connect: Connect, era: str) -> None:
    async with connect(era) as client:
        with pytest.raises(MCPError) as failed:
            await client.call_tool("breaks", {})
    assert failed.value.code == INTERNAL_ERROR
    assert "secret" not in str(failed.value.error)


async def test_a_tool_that_does_not_exist_is_an_error_of_the_protocol(connect: Connect, era: str) -> None:
    async with connect(era) as client:
        with pytest.raises(MCPError) as failed:
            await client.call_tool("no_such_tool", {})
    assert failed.value.code == INVALID_PARAMS


async def test_progress_reaches_the_client(connect: Connect, era: str) -> None:
    seen: list[tuple[float, float | None, str | None]] = []

    async def told(progress: float, total: float | None, message: str | None) -> None:
        seen.append((progress, total, message))

    async with connect(era) as client:
        await client.call_tool("counts", {}, progress_callback=told)
    assert seen == [(1, 3, "1 of 3"), (2, 3, "2 of 3"), (3, 3, "3 of 3")]


async def test_the_caller_is_the_key_of_each_message(connect: Connect, era: str, toolbox: FakeToolbox) -> None:
    async with connect(era) as client:
        await client.call_tool("echo", {"text": "x"})
    ((caller, name, arguments),) = toolbox.calls
    assert (caller.kind, caller.tenant, name, arguments) == ("agent", "default", "echo", {"text": "x"})
    assert caller.subject.startswith("key:")
    assert "mcp:call" in caller.scopes


async def test_documents_are_listed_and_read(connect: Connect, era: str) -> None:
    async with connect(era) as client:
        (listed,) = (await client.list_resources()).resources
        (content,) = (await client.read_resource(listed.uri)).contents
        with pytest.raises(MCPError) as failed:
            await client.read_resource("tillhand://documents/none")
    assert isinstance(content, TextResourceContents)
    assert (listed.name, listed.size, content.text, content.mime_type) == ("returns", 9, "# Returns", "text/markdown")
    assert failed.value.code == (INVALID_PARAMS if era != "legacy" else -32002)
    assert failed.value.data == {"uri": "tillhand://documents/none"}


async def test_a_cursor_of_somebody_else_is_refused(connect: Connect, era: str) -> None:
    async with connect(era) as client:
        for listing in (client.list_resources, client.list_tools, client.list_prompts):
            with pytest.raises(MCPError) as failed:
                await listing(cursor="??")
            assert failed.value.code == INVALID_PARAMS


async def test_prompts_are_listed_and_filled_in(connect: Connect, era: str) -> None:
    async with connect(era) as client:
        (listed,) = (await client.list_prompts()).prompts
        filled = await client.get_prompt("greet", {"name": "Ada"})
        for arguments in (dict[str, str](), None):
            with pytest.raises(MCPError) as failed:
                await client.get_prompt("greet", arguments)
            assert failed.value.message == "The argument name lacks."
        with pytest.raises(MCPError):
            await client.get_prompt("none")
    assert [argument.name for argument in listed.arguments or ()] == ["name"]
    assert filled.messages[0].content == TextContent(text="Greet Ada.")


async def test_the_service_says_who_it_is(connect: Connect, era: str) -> None:
    async with connect("auto" if era != "legacy" else era) as client:
        assert client.server_info is not None
        assert client.server_info.version == "1.2.3"
        assert client.instructions == "Ask before you write."
        assert client.protocol_version == ("2026-07-28" if era != "legacy" else "2025-11-25")
