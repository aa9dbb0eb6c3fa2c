"""What clients are told without asking, and how streams end when the service leaves."""

import asyncio

import httpx2
import pytest
from mcp.shared.exceptions import MCPError
from mcp.shared.subscriptions import PromptsListChanged, ResourceUpdated, ToolsListChanged
from mcp_types import ResourceUpdatedNotification

from tests.mcp.conftest import Connect
from tests.mcp.fixtures.raw import initialize, legacy, modern
from tests.mcp.fixtures.service import Service

MODERN = "2026-07-28"
RETURNS = "tillhand://documents/returns"
BOUND_S = 5.0


async def test_a_listener_hears_what_it_asked_for(connect: Connect, service: Service) -> None:
    async with (
        connect(MODERN) as client,
        asyncio.timeout(BOUND_S),
        client.listen(tools_list_changed=True, resource_subscriptions=[RETURNS]) as heard,
    ):
        await service.face.publish(PromptsListChanged())
        await service.face.publish(ToolsListChanged())
        await service.face.publish(ResourceUpdated("tillhand://documents/other"))
        await service.face.publish(ResourceUpdated(RETURNS))
        assert [await anext(heard), await anext(heard)] == [ToolsListChanged(), ResourceUpdated(RETURNS)]


async def test_a_listener_hears_nothing_of_another_tenant(connect: Connect, service: Service) -> None:
    async with (
        connect(MODERN) as client,
        asyncio.timeout(BOUND_S),
        client.listen(tools_list_changed=True, resource_subscriptions=[RETURNS]) as heard,
    ):
        await service.face.publish(ResourceUpdated(RETURNS), tenant="other")
        await service.face.publish(ToolsListChanged(), tenant="default")
        assert await anext(heard) == ToolsListChanged()


async def test_a_listener_is_told_that_the_service_leaves(connect: Connect, service: Service) -> None:
    async with connect(MODERN) as client, asyncio.timeout(BOUND_S):
        async with client.listen(tools_list_changed=True) as heard:
            service.app.state.chassis.drain.begin()
            assert [event async for event in heard] == []
        with pytest.raises(MCPError, match="shutting down"):
            async with client.listen(tools_list_changed=True):
                pass


class Heard:
    """Keeps the URIs of resources that changed."""

    def __init__(self) -> None:
        self.uris: asyncio.Queue[str] = asyncio.Queue()

    async def __call__(self, message: object) -> None:
        if isinstance(message, ResourceUpdatedNotification):
            self.uris.put_nowait(message.params.uri)


@pytest.mark.filterwarnings("ignore::mcp.shared.exceptions.MCPDeprecationWarning")
async def test_a_session_watches_documents(connect: Connect, service: Service) -> None:
    heard, other = Heard(), "tillhand://documents/other"
    async with connect("legacy", message_handler=heard) as client, asyncio.timeout(BOUND_S):
        await client.subscribe_resource(RETURNS)
        await client.subscribe_resource(other)
        await service.face.publish(ResourceUpdated(RETURNS), tenant="another")
        await service.face.publish(ResourceUpdated(RETURNS), tenant="default")
        assert await heard.uris.get() == RETURNS
        await client.unsubscribe_resource(RETURNS)
        await service.face.publish(ResourceUpdated(RETURNS))
        await service.face.publish(ResourceUpdated(other))
        assert await heard.uris.get() == other


@pytest.mark.filterwarnings("ignore::mcp.shared.exceptions.MCPDeprecationWarning")
async def test_an_ended_session_watches_nothing(connect: Connect, service: Service) -> None:
    async with connect("legacy") as client:
        await client.subscribe_resource(RETURNS)
    await service.face.publish(ResourceUpdated(RETURNS))
    async with connect("legacy", message_handler=(heard := Heard())) as client, asyncio.timeout(BOUND_S):
        await client.subscribe_resource(RETURNS)
        await service.face.publish(ResourceUpdated(RETURNS))
        assert await heard.uris.get() == RETURNS
        assert heard.uris.empty()


async def test_the_stream_of_a_session_ends_when_the_service_leaves(service: Service, key: str) -> None:
    async with httpx2.AsyncClient(timeout=BOUND_S) as http:
        opened = await http.post(service.url, **initialize().sent(key))
        headers = legacy("", {}, opened.headers["mcp-session-id"]).sent(key)["headers"]
        async with http.stream("GET", service.url, headers=headers) as stream:
            assert stream.status_code == 200
            service.app.state.chassis.drain.begin()
            assert [part async for part in stream.aiter_bytes() if b"data" in part] == []


@pytest.mark.filterwarnings("ignore::mcp.shared.exceptions.MCPDeprecationWarning")
async def test_older_clients_may_say_what_they_want_logged(connect: Connect) -> None:
    async with connect("legacy") as client:
        assert (await client.set_logging_level("warning")).model_dump(exclude_none=True) == {}
        await client.send_ping()


async def test_what_a_client_may_keep_is_its_own(service: Service, key: str) -> None:
    async with httpx2.AsyncClient() as http:
        for method, ttl_ms in (("tools/list", 60_000), ("resources/list", 10_000), ("prompts/list", 60_000)):
            answer = await http.post(service.url, **modern(method, {}).sent(key))
            assert answer.headers["content-type"] == "application/json"
            assert (answer.json()["result"]["ttlMs"], answer.json()["result"]["cacheScope"]) == (ttl_ms, "private")
