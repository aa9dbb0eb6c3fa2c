"""What lies at an address on the web, as a file to send."""

from __future__ import annotations

import mimetypes
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Final
from urllib.parse import unquote

from tillhand_cli.errors import Unusable
from tillhand_cli.urls import parts_of
from tillhand_common.http import Timeouts, UpstreamClient, UpstreamError, UpstreamResponse

WITHIN_S: Final = 120.0
ANY_BYTES: Final = "application/octet-stream"
"""What servers call a file whose type they do not know; its name then says more."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """A file from the web; `filename` is the last part of its path, `media_type` what the server calls it."""

    filename: str
    data: bytes
    media_type: str


async def fetch(url: str, *, limit: int) -> Fetched:
    """Fetch a file of at most `limit` bytes, wherever the server sends us. Raises Unusable, saying why."""
    parts = parts_of(url)
    path = parts._replace(scheme="", netloc="", path="/" + parts.path.lstrip("/"), fragment="").geturl()
    timeouts = Timeouts(connect_s=10.0, read_s=30.0, total_s=WITHIN_S)
    client = UpstreamClient(
        str(parts.hostname),
        f"{parts.scheme}://{parts.netloc}",
        timeouts=timeouts,
        max_response_bytes=limit,
        redirects="any",
    )
    async with client:
        try:
            answer = await client.request("GET", path)
        except UpstreamError as error:
            raise Unusable(f"cannot be fetched ({error.detail})") from error
    return _fetched(unquote(PurePosixPath(parts.path).name), answer)


def _fetched(name: str, answer: UpstreamResponse) -> Fetched:
    named = mimetypes.guess_type(name)[0] or ANY_BYTES
    given = answer.headers.get("content-type", "").strip()
    media_type = named if given.lower() in {"", ANY_BYTES} else given
    ending = mimetypes.guess_extension(media_type.partition(";")[0].strip()) or ""
    return Fetched(name or f"index{ending}", answer.body, media_type)
