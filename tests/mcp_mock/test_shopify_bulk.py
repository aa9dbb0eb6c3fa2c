"""A bulk operation collects whole lists in the background, and gives them as a file of lines."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.mcp_mock.shopify_client import Answer, Client
from tillhand_mcp.mock.shopify import Limits

RUN = """mutation($query: String!) { bulkOperationRunQuery(query: $query, groupObjects: false) {
  bulkOperation { id status } userErrors { field message code } } }"""
STATE = """query($id: ID!) { bulkOperation(id: $id) {
  id status url objectCount rootObjectCount fileSize createdAt completedAt errorCode type } }"""
PRODUCTS = "{ products { edges { node { id title seo { title } variants { edges { node { id sku } } } } } } }"


async def run(client: Client, query: str) -> Answer:
    found: Answer = (await client.ask(RUN, query=query))["bulkOperationRunQuery"]
    return found


async def state(client: Client, operation: str) -> Answer:
    found: Answer = (await client.ask(STATE, id=operation))["bulkOperation"]
    return found


async def lines(client: Client, query: str) -> list[dict[str, Any]]:
    operation = (await run(client, query))["bulkOperation"]["id"]
    await client.clock.advance(4)
    reply = await client.http.get((await state(client, operation))["url"])
    assert reply.status_code == 200
    return [json.loads(line) for line in reply.text.splitlines()]


async def test_time_carries_an_operation_to_its_result() -> None:
    client = Client(Limits(bulk_created_s=1, bulk_running_s=10))
    operation = (await run(client, PRODUCTS))["bulkOperation"]
    assert operation["status"] == "CREATED"
    await client.clock.advance(1)
    running = await state(client, operation["id"])
    assert (running["status"], running["url"], running["objectCount"]) == ("RUNNING", None, "0")
    await client.clock.advance(10)
    done = await state(client, operation["id"])
    assert (done["status"], done["objectCount"], done["rootObjectCount"]) == ("COMPLETED", "23", "8")
    assert done["completedAt"] == "2026-02-01T12:00:11Z"
    content = (await client.http.get(done["url"])).content
    assert int(done["fileSize"]) == len(content)


async def test_what_hangs_on_an_object_follows_it_and_names_it() -> None:
    found = await lines(Client(), PRODUCTS)
    assert found[0] == {"id": "gid://shopify/Product/1001", "title": "Oak Desk Lamp", "seo": {"title": None}}
    assert found[1] == {
        "id": "gid://shopify/ProductVariant/2001",
        "sku": "BL-001",
        "__parentId": "gid://shopify/Product/1001",
    }
    assert sum("__parentId" in line for line in found) == 15


async def test_a_search_and_nodes_work_in_bulk_too() -> None:
    query = '{ orders(query: "financial_status:paid") { nodes { id name lineItems { nodes { id quantity } } } } }'
    found = await lines(Client(), query)
    assert [line["name"] for line in found if "name" in line] == ["#1001", "#1002", "#1005", "#1006"]
    assert all(line["__parentId"].startswith("gid://shopify/Order/") for line in found if "quantity" in line)


async def test_a_result_is_collected_piece_by_piece_while_it_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tillhand_mcp.mock.shopify.engine.AT_A_TIME", 3)
    client = Client()
    query = "{ products { edges { node { id variants { edges { node { id } } } } } } customers { nodes { id } } }"
    operation = (await run(client, query))["bulkOperation"]["id"]
    await client.clock.advance(4)
    seen = [await state(client, operation) for _ in range(3)]
    assert [(one["status"], one["rootObjectCount"]) for one in seen] == [
        ("RUNNING", "6"),
        ("RUNNING", "10"),
        ("COMPLETED", "12"),
    ]
    found = [json.loads(line) for line in (await client.http.get(seen[-1]["url"])).text.splitlines()]
    assert len({line["id"] for line in found}) == len(found) == 8 + 15 + 4


async def test_a_list_on_one_object_can_be_collected_too() -> None:
    query = '{ product(id: "gid://shopify/Product/1006") { id variants { nodes { id } } } }'
    assert len(await lines(Client(), query)) == 3


async def test_nothing_found_is_no_file() -> None:
    client = Client()
    operation = (await run(client, '{ products(query: "title:nothing") { nodes { id } } }'))["bulkOperation"]["id"]
    await client.clock.advance(4)
    done = await state(client, operation)
    assert (done["status"], done["url"], done["objectCount"], done["fileSize"]) == ("COMPLETED", None, "0", "0")


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("{ products {", "Syntax Error"),
        ("{ products { nodes { nickname } } }", "nickname"),
        ("{ orders { nodes { id statusPageUrl } } }", "Order.statusPageUrl is not in the mock"),
        ("{ shop { name } }", "at least one connection"),
        ("mutation { productDelete(input: {id: 1}) { userErrors { message } } }", "has to be a query"),
        ("{ products { nodes { variants { nodes { metafields { nodes { id } } } } } } }", "nesting depth"),
        ("{ orders { nodes { id refunds { refundLineItems { nodes { quantity } } } } } }", "within a list field"),
        ("{ a: products { nodes { id } } " * 1 + "node(id: 1) { ... on Product { media { nodes { id } } } } }", "node"),
        (
            "{ " + " ".join(f"a{i}: products {{ nodes {{ id }} }}" for i in range(6)) + " }",
            "more than 5 connections",
        ),
    ],
)
async def test_a_query_that_cannot_run_in_bulk_is_told(query: str, told: str) -> None:
    found = await run(Client(), query)
    assert found["bulkOperation"] is None
    assert found["userErrors"][0]["code"] == "INVALID"
    assert told in found["userErrors"][0]["message"]


async def test_no_more_than_five_run_at_once() -> None:
    client = Client()
    for _ in range(5):
        assert (await run(client, PRODUCTS))["userErrors"] == []
    assert [error["code"] for error in (await run(client, PRODUCTS))["userErrors"]] == ["LIMIT_REACHED"]
    await client.clock.advance(4)
    assert (await run(client, PRODUCTS))["userErrors"] == []


async def test_an_operation_can_be_called_off_while_it_runs() -> None:
    client = Client()
    operation = (await run(client, PRODUCTS))["bulkOperation"]["id"]
    document = """mutation($id: ID!) { bulkOperationCancel(id: $id) {
      bulkOperation { status } userErrors { field message } } }"""
    found = (await client.ask(document, id=operation))["bulkOperationCancel"]
    assert found == {"bulkOperation": {"status": "CANCELING"}, "userErrors": []}
    await client.clock.advance(1)
    assert (await state(client, operation))["status"] == "CANCELED"
    again = (await client.ask(document, id=operation))["bulkOperationCancel"]
    assert again["userErrors"][0]["message"] == "A bulk operation cannot be canceled when it is canceled"
    wrong = (await client.ask(document, id="5"))["bulkOperationCancel"]
    assert wrong["userErrors"] == [{"field": ["id"], "message": "Invalid global id '5'"}]
    missing = (await client.ask(document, id="gid://shopify/BulkOperation/1"))["bulkOperationCancel"]
    assert missing["userErrors"] == [{"field": ["id"], "message": "Bulk operation does not exist"}]


async def test_the_newest_operation_and_all_of_them_can_be_asked_for() -> None:
    client = Client()
    ids = [(await run(client, PRODUCTS))["bulkOperation"]["id"] for _ in range(2)]
    document = "{ currentBulkOperation { id } bulkOperations(first: 5) { nodes { id } } }"
    found = await client.ask(document)
    assert found["currentBulkOperation"]["id"] == ids[1]
    assert [node["id"] for node in found["bulkOperations"]["nodes"]] == ids
    assert client.world.writes == []


async def test_a_file_that_is_not_there_is_not_found() -> None:
    client = Client()
    operation = (await run(client, PRODUCTS))["bulkOperation"]["id"]
    number = operation.rpartition("/")[2]
    for path in ("/bulk/1.jsonl", f"/bulk/{number}.jsonl"):
        assert (await client.http.get(path)).status_code == 404
