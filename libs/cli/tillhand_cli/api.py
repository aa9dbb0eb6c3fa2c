"""The services' HTTP interfaces, as the commands speak them."""

from __future__ import annotations

import asyncio
import json
import mimetypes
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any, Final, Unpack

from pydantic import SecretStr

from tillhand_cli.errors import CommandError, ExitCode, ServiceProblem
from tillhand_common.http import Method, Options, Timeouts, UpstreamClient, UpstreamError, UpstreamResponse

LONGEST_UPLOAD_S: Final = 600.0
ERROR_STATUSES: Final = frozenset(range(400, 600))
FIRST_ERROR_STATUS: Final = 400
TOO_MANY_REQUESTS: Final = 429
LONGEST_WAIT_S: Final = 60.0


class Api:
    """One service. Every method raises `ServiceProblem` when it says no, and CommandError when it says nothing."""

    def __init__(self, client: UpstreamClient, url: str) -> None:
        self._client = client
        self._url = url

    async def get(self, path: str) -> dict[str, Any]:
        """The decoded answer to a read."""
        return _decoded(await self._send("GET", path))

    async def post(self, path: str, body: Mapping[str, object]) -> dict[str, Any]:
        """The decoded answer to a JSON body."""
        return _decoded(await self._send("POST", path, json=body))

    async def upload(self, path: str, *, filename: str, data: bytes, fields: Mapping[str, str]) -> dict[str, Any]:
        """The decoded answer to a file sent as a form does."""
        media_type = mimetypes.guess_type(filename)[0] or "application/octet-stream"
        files = {"file": (filename, data, media_type)}
        return _decoded(await self._send("POST", path, data=fields, files=files, timeout_s=LONGEST_UPLOAD_S))

    async def is_ready(self) -> bool:
        """Whether the service answers and says that it is ready for requests."""
        try:
            answer = await self._client.request("GET", "/ready?for=traffic", accept=ERROR_STATUSES, timeout_s=2.0)
        except UpstreamError:
            return False
        return answer.status < FIRST_ERROR_STATUS

    async def _send(
        self, method: Method, path: str, *, patience: int = 20, **options: Unpack[Options]
    ) -> UpstreamResponse:
        try:
            options["accept"] = ERROR_STATUSES
            answer = await self._client.request(method, path, **options)
        except UpstreamError as error:
            raise CommandError(
                f"{self._url} cannot be reached ({error.detail}).",
                code=ExitCode.UNREACHABLE,
                hint="Start it with: make up   (or: tillhand up)",
            ) from error
        if answer.status == TOO_MANY_REQUESTS and patience > 0:
            await asyncio.sleep(min(float(answer.headers.get("retry-after", "1")), LONGEST_WAIT_S))
            return await self._send(method, path, patience=patience - 1, **options)
        if answer.status >= FIRST_ERROR_STATUS:
            raise _problem(answer)
        return answer


@asynccontextmanager
async def open_api(url: str, key: str | None) -> AsyncIterator[Api]:
    """A connection to a service. Raises CommandError when the URL is none."""
    bearer = SecretStr(key) if key else None
    timeouts = Timeouts(read_s=LONGEST_UPLOAD_S, write_s=LONGEST_UPLOAD_S, total_s=LONGEST_UPLOAD_S)
    try:
        client = UpstreamClient("service", url, bearer=bearer, timeouts=timeouts)
    except ValueError as error:
        raise CommandError(f"--url: {error}.", code=ExitCode.USAGE) from error
    async with client:
        yield Api(client, url)


def _decoded(answer: UpstreamResponse) -> dict[str, Any]:
    decoded: dict[str, Any] = answer.json() if answer.body else {}
    return decoded


def _problem(answer: UpstreamResponse) -> ServiceProblem:
    try:
        document = json.loads(answer.body)
    except ValueError:
        document = {}
    detail = document.get("detail") or f"The service answered {answer.status}."
    field = document.get("field")
    slug = str(document.get("type", "")).rpartition(":")[2]
    return ServiceProblem(answer.status, slug, f"{field}: {detail}" if field else detail)
