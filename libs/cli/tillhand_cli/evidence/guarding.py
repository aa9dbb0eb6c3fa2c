"""What leaves the platform: the headers of every answer, and the lines of its logs."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Mapping
from typing import Final

from tillhand_cli.evidence.judging import Finding, found, red
from tillhand_cli.evidence.scene import Scene

REQUIRED: Final[Mapping[str, str]] = {
    "x-content-type-options": "nosniff",
    "content-security-policy": "frame-ancestors 'none'",
    "cross-origin-resource-policy": "same-origin",
}
"""What each answer says, or has in what it says."""
PATHS: Final = ("/health", "/nothing-here")
PERSON: Final = "mara.lindqvist@customers.example"
NUMBER: Final = "+49 30 901820"
WRITTEN_WITHIN_S: Final = 5.0


async def headers(scene: Scene) -> Finding:
    """The security headers of every service, on an answer and on an error."""
    rows, wrong = {}, []
    for service in scene.platform.urls:
        for path in PATHS:
            answer = await scene.ask(service, path)
            rows[f"{service} {path} ({answer.status})"] = {name: answer.headers.get(name, "") for name in REQUIRED}
            wrong += [
                f"{service} {path}: {name}"
                for name, part in REQUIRED.items()
                if part not in answer.headers.get(name, "")
            ]
    file = scene.write_json("security-headers.json", rows)
    summary = f"{len(scene.platform.urls)} services, on an answer and on an error"
    return found(not wrong, f"{summary}; missing: {', '.join(wrong)}." if wrong else f"{summary}.", rows, file)


async def masked_log(scene: Scene) -> Finding:
    """A request that holds a person and a key, and the line that came of it, which holds neither."""
    mark = f"evidence-{time.time_ns():x}"
    answer = await scene.ask(
        "rag",
        f"/v1/search?contact={PERSON}&api_key={scene.keys['agent']}",
        method="POST",
        who="agent",
        json={"query": f"Please call {NUMBER} or write to {PERSON}"},
        headers={"x-request-id": mark, "user-agent": f"agent of {PERSON}"},
    )
    lines = await _lines(scene, mark)
    secrets = (PERSON, NUMBER, *scene.keys.values())
    logs = {service: scene.platform.log(service) for service in scene.platform.urls}
    told = [service for service, text in logs.items() if any(secret in text for secret in secrets)]
    file = scene.write_json(
        "masked-log.json",
        {
            "request": {
                "method": "POST",
                "path": "/v1/search?contact=(an address)&api_key=(the agent's key)",
                "body": "a question that holds an address and a telephone number",
                "x-request-id": mark,
            },
            "status": answer.status,
            "lines": [json.loads(line) for line in lines],
            "lines_looked_through": {service: len(text.splitlines()) for service, text in logs.items()},
        },
    )
    if not lines:
        return red("The request left no line in the log, so nothing is shown.", {}, file)
    whole = sum(len(text.splitlines()) for text in logs.values())
    summary = f"{len(lines)} line of the request, {whole} lines of all services: no address, number or key"
    if told:
        summary = f"Personal data or a key stand in the log of {', '.join(told)}"
    return found(not told, f"{summary}.", {"status": answer.status, "lines": whole}, file)


async def _lines(scene: Scene, mark: str) -> list[str]:
    """The lines that name a request; they are written once it was answered."""
    end = time.monotonic() + WRITTEN_WITHIN_S
    while True:
        lines = [line for line in scene.platform.log("rag").splitlines() if mark in line]
        if lines or time.monotonic() > end:
            return lines
        await asyncio.sleep(0.05)
