"""The whole service killed while documents go in: what it acknowledged is there, and nothing is there by halves."""

from __future__ import annotations

import asyncio
import json
import random
from pathlib import Path

import httpx

from tillhand_common import keys
from tillhand_common.testing import service_process

CLIENTS = 3
LINES = 4
SENTENCES = 60


def lines(request: int) -> bytes:
    """Documents of several passages, each of which names its document."""
    bodies = [
        {
            "source": f"report {request}-{number}",
            "text": " ".join(f"Sentence {n} of report {request}-{number} is about stock." for n in range(SENTENCES)),
            "media_type": "text/plain",
        }
        for number in range(LINES)
    ]
    return "\n".join(map(json.dumps, bodies)).encode()


async def test_a_service_killed_during_ingestion_has_all_that_it_acknowledged(tmp_path: Path) -> None:
    environment = {"TILLHAND_DATA_DIR": str(tmp_path), "TILLHAND_RATE_LIMIT": "off"}
    chance = random.SystemRandom()
    acknowledged: dict[str, int] = {}
    async with service_process("tillhand_rag", environment) as service:
        headers = {"authorization": f"Bearer {keys.read_token(tmp_path, 'operator')}"}
        enough = chance.randint(1, 6)

        async def client(http: httpx.AsyncClient, first: int) -> None:
            for request in range(first, 10_000, CLIENTS):
                content_type = {"content-type": "application/x-ndjson"}
                answer = await http.post("/v1/documents", content=lines(request), headers=content_type)
                for document in answer.json()["documents"]:
                    acknowledged[document["id"]] = document["chunks"]
                if len(acknowledged) >= enough * LINES:
                    service.process.kill()

        async with httpx.AsyncClient(base_url=service.base_url, headers=headers, timeout=60) as http:
            ends = await asyncio.gather(*(client(http, n) for n in range(CLIENTS)), return_exceptions=True)
        assert all(isinstance(end, httpx.TransportError) for end in ends)
    async with (
        service_process("tillhand_rag", environment) as service,
        httpx.AsyncClient(base_url=service.base_url, headers=headers, timeout=60) as http,
    ):
        listed = (await http.get("/v1/documents", params={"limit": 500})).json()["items"]
        held = {document["id"]: document for document in listed}
        assert acknowledged.items() <= {name: document["chunks"] for name, document in held.items()}.items()
        assert len(held) % LINES == 0, "the documents of one request come together"
        for name, document in held.items():
            text = (await http.get(f"/v1/documents/{name}/text")).json()["text"]
            assert text.count(document["source"]) == SENTENCES
            query = {"query": f"Sentence of {document['source']}", "mode": "keyword", "top_k": 200}
            hits = (await http.post("/v1/search", json=query)).json()["hits"]
            assert len([hit for hit in hits if hit["document_id"] == name]) == document["chunks"]
