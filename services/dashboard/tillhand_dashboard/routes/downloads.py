"""Files of other services on the console's own origin, passed on piece by piece.

A file that breaks off on its way here breaks off for its reader, too: the connection ends before the answer does, and
no part is taken for the whole. A reader who leaves ends the other service's work.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import structlog
from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from tillhand_common.errors import UpstreamError
from tillhand_common.problems import BadRequest, NotFound, Problem, Unavailable
from tillhand_dashboard import errors
from tillhand_dashboard.domain.results import Failure, Result
from tillhand_dashboard.ports.views import Download

_BY_STATUS: Final[Mapping[int, type[Problem]]] = {400: BadRequest, 404: NotFound, 422: BadRequest}
_log: Final = structlog.get_logger(__name__)


class Passed(StreamingResponse):
    """A file as it comes."""

    def __init__(self, came: Download, headers: Mapping[str, str]) -> None:
        super().__init__(came.pieces, status_code=came.status, headers={**headers, **came.headers})
        self._close = came.close

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass it on, and let go of it however that ends."""
        try:
            await super().__call__(scope, receive, send)
        finally:
            await self._close()

    async def stream_response(self, send: Send) -> None:
        """Send the pieces; where they break off nothing says that this was all, and so the server hangs up."""
        try:
            await super().stream_response(send)
        except UpstreamError as error:
            _log.warning("download_broke_off", upstream=error.upstream, error=str(error))


def sent(found: Result[Download], headers: Mapping[str, str] | None = None) -> Passed:
    """A file as it comes, with headers where it brings none of its own. Raises what `refused` gives."""
    if isinstance(found, Failure):
        raise refused(found)
    return Passed(found.value, headers or {})


def refused(failure: Failure) -> Problem:
    """What is told where a file cannot be had: the caller's mistake as such, everything else as out of order."""
    kind = errors.NotAllowed if failure.kind == "not-allowed" else _BY_STATUS.get(failure.status, Unavailable)
    return kind(f"{failure.reason} {failure.remedy}".strip())
