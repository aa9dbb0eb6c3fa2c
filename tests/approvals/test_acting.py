"""Services speak for agents and people: what is done is done, and recorded, in their name."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx

from tests.approvals.shop import ARGUMENTS, Shop, shop
from tillhand_common.actor import Actor, ActorSigner, bootstrap_signing_key, load_private_key
from tillhand_common.keys import KeyStore, store_path

ANN = Actor("ann", "operator", "default", frozenset({"manager"}))
BOT = Actor("bot-7", "agent", "default")


Speaker = tuple[dict[str, str], ActorSigner]


def speaker(opened: Shop, name: str, *scopes: str) -> Speaker:
    """A service that speaks for others, whose key came after the approvals had started."""
    made = KeyStore(store_path(opened.folder, None)).create(name, "service", scopes=["act_as", *scopes])
    private = bootstrap_signing_key(opened.folder / "actors", name)
    return {"authorization": f"Bearer {made.token}"}, ActorSigner(load_private_key(private), made.key.id)


def speaking(speaker: Speaker, actor: Actor, audience: str = "approvals") -> dict[str, str]:
    bearer, signer = speaker
    return bearer | signer.header(actor, audience)


async def test_a_decision_is_the_persons_and_nobody_decides_what_they_asked_for(tmp_path: Path) -> None:
    async with shop(tmp_path) as opened:
        gateway = speaker(opened, "gateway", "approvals:propose", "approvals:read")
        console = speaker(opened, "console", "approvals:decide", "approvals:read")
        body = {"tool": "stock_set", "arguments": ARGUMENTS}

        async def propose(actor: Actor) -> dict[str, Any]:
            answer = await opened.http.post("/v1/proposals", json=body, headers=speaking(gateway, actor))
            made: dict[str, Any] = answer.json()
            return made

        async def approve(made: dict[str, Any], actor: Actor) -> httpx.Response:
            told = {"decision": "approve", "digest": made["digest"]}
            path = f"/v1/proposals/{made['id']}/decisions"
            return await opened.http.post(path, json=told, headers=speaking(console, actor))

        made = await propose(BOT)
        assert made["requester"] == {"id": "bot-7", "kind": "agent"}
        assert (await approve(made, BOT)).status_code == 403
        decided = await approve(made, ANN)
        assert (decided.status_code, decided.json()["decision"]["actor"]) == (200, "ann")
        refused = await approve(await propose(ANN), ANN)
        assert refused.json()["type"] == "urn:tillhand:problem:self-approval"


async def test_a_token_for_another_service_or_by_an_unknown_key_is_nobodys(tmp_path: Path) -> None:
    async with shop(tmp_path) as opened:
        console = speaker(opened, "console", "approvals:read")
        private = load_private_key(bootstrap_signing_key(tmp_path / "elsewhere"))
        stranger = (console[0], ActorSigner(private, "0" * 12))
        for headers in (speaking(console, ANN, "rag"), speaking(stranger, ANN)):
            answer = await opened.http.get("/v1/proposals", headers=headers)
            assert answer.json()["type"] == "urn:tillhand:problem:invalid-actor"
        agent = (opened.headers("agent"), console[1])
        assert (await opened.http.get("/v1/proposals", headers=speaking(agent, ANN))).status_code == 403
