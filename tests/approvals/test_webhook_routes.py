"""Webhooks over HTTP: from a person's request to a message that arrives."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.approvals.shop import shop
from tillhand_common.testing import FakeUpstream, Reply


async def test_a_decision_reaches_the_receiver_without_what_is_personal(tmp_path: Path) -> None:
    async with FakeUpstream.start() as receiver:
        ports = receiver.base_url.rpartition(":")[2]
        async with shop(tmp_path, webhook_ports=ports, webhook_private_hosts="127.0.0.1") as open_shop:
            body = {"url": f"{receiver.base_url}/in", "types": ["proposal.created", "decision.made"]}
            made = await open_shop.call("operator", "POST", "/v1/webhooks", body)
            assert made.status_code == 201
            assert made.json()["secret"].startswith("whsec_")
            proposal = await open_shop.propose()
            await open_shop.decide("operator", proposal, "approve")
            await receiver.received(2)
            listed = (await open_shop.call("operator", "GET", "/v1/webhooks")).json()["items"]
        types = [json.loads(request.body)["type"] for request in receiver.requests]
        assert types == ["tillhand.proposal.created", "tillhand.decision.made"]
        assert b"ann@example.com" not in b"".join(request.body for request in receiver.requests)
        assert [each["host"] for each in listed] == ["127.0.0.1"]
        assert "secret" not in listed[0]


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/",
        "http://169.254.169.254/latest",
        "ftp://example.com/",
        "https://example.com:8443/",
        "https://a:b@example.com/",
    ],
)
async def test_an_address_that_may_not_be_asked_is_refused_by_name(tmp_path: Path, url: str) -> None:
    async with shop(tmp_path) as open_shop:
        answer = await open_shop.call("operator", "POST", "/v1/webhooks", {"url": url})
        assert (answer.status_code, answer.json()["field"]) == (422, "body.url")
        assert (await open_shop.call("operator", "GET", "/v1/webhooks")).json() == {"items": []}


async def test_agents_make_no_webhooks(tmp_path: Path) -> None:
    async with shop(tmp_path) as open_shop:
        answer = await open_shop.call("agent", "POST", "/v1/webhooks", {"url": "https://example.com/"})
        assert answer.status_code == 403


async def test_a_trial_says_what_came_of_it(tmp_path: Path) -> None:
    async with FakeUpstream.start() as receiver:
        ports = receiver.base_url.rpartition(":")[2]
        async with shop(tmp_path, webhook_ports=ports, webhook_private_hosts="127.0.0.1") as open_shop:
            body = {"url": receiver.base_url, "types": ["subject.erased"]}
            name = (await open_shop.call("operator", "POST", "/v1/webhooks", body)).json()["id"]
            receiver.script(Reply(204), Reply(403))
            path = f"/v1/webhooks/{name}/test"
            assert (await open_shop.call("operator", "POST", path)).json() == {"answer": "taken", "error": ""}
            refused = {"answer": "refused", "error": "answered with status 403"}
            assert (await open_shop.call("operator", "POST", path)).json() == refused
