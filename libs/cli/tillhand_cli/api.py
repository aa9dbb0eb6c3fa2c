"""The services' HTTP interfaces, as the commands speak them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any, Final, Unpack

from pydantic import SecretStr

from tillhand_cli.errors import NotTheService, ServiceProblem, Unreachable
from tillhand_cli.urls import parts_of
from tillhand_common.http import (
    Method,
    Options,
    Resilience,
    RetryPolicy,
    Timeouts,
    UpstreamClient,
    UpstreamError,
    UpstreamProtocolError,
    UpstreamResponse,
)
from tillhand_common.upstream_response import retry_after_s

LONGEST_UPLOAD_S: Final = 660.0
"""Above the service's own deadline for an upload, so that it is the service that says what took so long."""
ERROR_STATUSES: Final = frozenset(range(400, 600))
FIRST_ERROR_STATUS: Final = 400
TOO_MANY_REQUESTS: Final = 429
LONGEST_WAIT_S: Final = 60.0
NEVER: Final = 10**9
"""Failures until the breaker opens: a person waits for each call, so none is spared."""


class Api:
    """One service. Every method raises `ServiceProblem` when it says no, and CommandError when it says nothing."""

    def __init__(self, client: UpstreamClient, url: str) -> None:
        self._client = client
        self._url = url

    async def get(self, path: str, *, holding: str) -> dict[str, Any]:
        """The decoded answer to a read; `holding` names a member that it always has."""
        return self._decoded(await self._send("GET", path), holding)

    async def post(self, path: str, body: Mapping[str, object], *, holding: str) -> dict[str, Any]:
        """The decoded answer to a JSON body; `holding` as for `get`."""
        return self._decoded(await self._send("POST", path, json=body), holding)

    async def put(
        self, path: str, body: Mapping[str, object], *, holding: str, headers: Mapping[str, str] | None = None
    ) -> dict[str, Any]:
        """The decoded answer to a JSON body that replaces something; `holding` as for `get`."""
        return self._decoded(await self._send("PUT", path, json=body, headers=headers or {}), holding)

    async def upload(
        self, path: str, *, file: tuple[str, bytes, str], fields: Mapping[str, str], holding: str
    ) -> dict[str, Any]:
        """The decoded answer to a file (name, content, media type) sent as a form does; `holding` as for `get`."""
        options = Options(data=fields, files={"file": file}, timeout_s=LONGEST_UPLOAD_S)
        return self._decoded(await self._send("POST", path, **options), holding)

    async def is_ready(self) -> bool:
        """Whether the service answers and says that it is ready for requests."""
        answer = await self._probe()
        return answer is not None and answer.status < FIRST_ERROR_STATUS

    async def answers(self) -> bool:
        """Whether the service answers at all."""
        return await self._probe() is not None

    async def _probe(self) -> UpstreamResponse | None:
        try:
            return await self._client.request("GET", "/ready?for=traffic", accept=ERROR_STATUSES, timeout_s=2.0)
        except UpstreamError:
            return None

    async def _send(
        self, method: Method, path: str, *, patience: int = 20, **options: Unpack[Options]
    ) -> UpstreamResponse:
        try:
            options["accept"] = ERROR_STATUSES
            answer = await self._client.request(method, path, **options)
        except UpstreamError as error:
            raise Unreachable(self._url, error.detail) from error
        if answer.status == TOO_MANY_REQUESTS and patience > 0:
            await asyncio.sleep(min(retry_after_s(answer.headers) or 1.0, LONGEST_WAIT_S))
            return await self._send(method, path, patience=patience - 1, **options)
        if answer.status >= FIRST_ERROR_STATUS:
            raise _problem(answer)
        return answer

    def _decoded(self, answer: UpstreamResponse, holding: str) -> dict[str, Any]:
        try:
            decoded = answer.json()
        except UpstreamProtocolError as error:
            raise NotTheService(self._url) from error
        if not isinstance(decoded, dict) or holding not in decoded:
            raise NotTheService(self._url)
        return decoded


@asynccontextmanager
async def open_api(url: str, key: str | None, *, attempts: int = 3) -> AsyncIterator[Api]:
    """A connection to a service, on which a harmless call is tried so often. Raises CommandError for a wrong URL."""
    parts_of(url)
    client = UpstreamClient(
        "service",
        url,
        bearer=SecretStr(key) if key else None,
        timeouts=Timeouts(read_s=LONGEST_UPLOAD_S, write_s=LONGEST_UPLOAD_S, total_s=LONGEST_UPLOAD_S),
        resilience=Resilience("service", failure_threshold=NEVER, retry=RetryPolicy(attempts=attempts)),
    )
    async with client:
        yield Api(client, url)


def _problem(answer: UpstreamResponse) -> ServiceProblem:
    try:
        document = json.loads(answer.body)
    except ValueError:
        document = {}
    if not isinstance(document, dict):
        document = {}
    detail = document.get("detail") or f"The service answered {answer.status}."
    field = document.get("field")
    slug = str(document.get("type", "")).rpartition(":")[2]
    return ServiceProblem(answer.status, slug, f"{field}: {detail}" if field else detail)
