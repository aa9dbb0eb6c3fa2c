"""The live feed."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Header, Query, Request
from sse_starlette.sse import EventSourceResponse

from tillhand_approvals import errors
from tillhand_approvals.models.base import Name
from tillhand_approvals.routes.dependencies import Anybody, Joined, Reading
from tillhand_approvals.service.feed import Wanted
from tillhand_common.problems import BadRequest, responses
from tillhand_common.sse import event_stream

router = APIRouter(prefix="/v1", tags=["events"])

Types = Annotated[list[Annotated[str, Query(pattern=r"^[a-z]+\.([a-z_]+|\*)$", max_length=80)]] | None, Query()]
_LONGEST_ID = 16


@router.get(
    "/events",
    response_class=EventSourceResponse,
    responses={
        **responses(BadRequest, errors.StoreUnavailable),
        200: {"description": "Server-sent events.", "content": {"text/event-stream": {"schema": {"type": "string"}}}},
    },
    dependencies=[Reading],
)
async def follow(
    request: Request,
    caller: Anybody,
    joined: Joined,
    type: Types = None,  # noqa: A002  # the name that a record has for it
    subject: Name | None = None,
    last_event_id: Annotated[str | None, Header(description="The last number that was received.")] = None,
    after: Annotated[int | None, Query(ge=0, le=2**53)] = None,
) -> EventSourceResponse:
    """Every record as it is written, in order; after `Last-Event-ID` first what was missed, without gap or repetition.

    `reset` says that what was missed is too much, or the number unknown: read the lists anew, and go on from its id.
    A `heartbeat` comes when nothing else does; without a number the first is `position`, whose id is where it begins.
    """
    cursor = _number(last_event_id) if last_event_id else after
    frames = joined.feed.follow(caller.tenant, cursor, Wanted(frozenset(type or ()), subject))
    return event_stream(request, frames, heartbeat_s=joined.heartbeat_s)


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= _LONGEST_ID):
        raise BadRequest("Last-Event-ID is no number that this feed has given.", field="header.Last-Event-ID")
    return int(text)
