"""The live feed for browsers, on the console's own origin and by its cookie."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import APIRouter, Depends, Header, Query, Request
from sse_starlette.sse import EventSourceResponse

from tillhand_common.problems import BadRequest, responses
from tillhand_common.sse import event_stream
from tillhand_dashboard import errors
from tillhand_dashboard.routes.dependencies import Parts, signed_in

router = APIRouter(tags=["events"])
RETRY_MS: Final = 1_000
_LONGEST_ID: Final = 16


@router.get(
    "/events",
    response_class=EventSourceResponse,
    dependencies=[Depends(signed_in)],
    responses={
        **responses(BadRequest, errors.SignInNeeded),
        200: {"description": "Server-sent events.", "content": {"text/event-stream": {"schema": {"type": "string"}}}},
    },
)
async def follow(
    request: Request,
    parts: Parts,
    last_event_id: Annotated[str | None, Header(description="The last number that was received.")] = None,
    after: Annotated[int | None, Query(ge=0, le=2**53, description="The same, where a header cannot be set.")] = None,
) -> EventSourceResponse:
    """Every record of the approvals as it is written, after `Last-Event-ID` first what was missed.

    `record` holds `type` and `record`; `position` says where a client without a number begins; `reset` that what was
    missed is too much, so that lists are to be read anew; `state` whether the console hears the approvals;
    `signed-out` that the session is over; `heartbeat` comes when nothing else does.
    """
    token = parts.cookies.get(request, "session")

    async def holds() -> bool:
        return await parts.sessions.holds(token)

    cursor = _number(last_event_id) if last_event_id else after
    return event_stream(request, parts.relay.follow(cursor, holds), retry_ms=RETRY_MS)


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= _LONGEST_ID):
        raise BadRequest("Last-Event-ID is no number that this feed has given.", field="header.Last-Event-ID")
    return int(text)
