"""What the routes take from the running application, and the small translations that they share."""

from __future__ import annotations

import base64
import binascii
from datetime import UTC, datetime, timedelta
from typing import Annotated

from fastapi import Depends, Request

from tillhand_approvals.domain.actors import Actor
from tillhand_approvals.errors import InvalidCursor
from tillhand_approvals.service.callers import Caller
from tillhand_approvals.service.joined import Approvals
from tillhand_common import actor as actors
from tillhand_common import context
from tillhand_common.clock import rfc3339
from tillhand_common.problems import Forbidden
from tillhand_common.security import Principal, require

Acting = Annotated[actors.Actor, Depends(actors.acting)]


async def approvals(request: Request) -> Approvals:
    """The use cases of the running application."""
    return request.app.state.approvals  # type: ignore[no-any-return]  # app.py puts them there


Joined = Annotated[Approvals, Depends(approvals)]


def caller_of(actor: actors.Actor) -> Caller:
    """Somebody as the use cases know them: an operator is a person."""
    kind = "person" if actor.kind == "operator" else actor.kind
    return Caller(actor.tenant, Actor(actor.subject, kind, actor.roles), context.request_id())


async def person(actor: Acting) -> Caller:
    """A person: their own key, or somebody for whom a service speaks. Raises `Forbidden`."""
    caller = caller_of(actor)
    if caller.actor.kind != "person":
        raise Forbidden("Only people do this.")
    return caller


async def anybody(actor: Acting) -> Caller:
    """Whoever calls, by their key or in whose name."""
    return caller_of(actor)


async def withdrawing(caller: Annotated[Principal, Depends(require("approvals:read"))]) -> None:
    """Whoever may propose or decide. Raises `Forbidden`."""
    if not caller.scopes & {"approvals:propose", "approvals:decide"}:
        raise Forbidden("The key may neither propose nor decide.")


Person = Annotated[Caller, Depends(person)]
Anybody = Annotated[Caller, Depends(anybody)]
Proposing = Depends(require("approvals:propose"))
Reading = Depends(require("approvals:read"))
Deciding = Depends(require("approvals:decide"))
Withdrawing = Depends(withdrawing)
Executing = Depends(require("approvals:execute"))
Ruling = Depends(require("policies:write"))
Auditing = Depends(require("audit:read"))
Unmasking = Depends(require("audit:unmask"))


def encode_cursor(position: tuple[datetime, str] | None) -> str | None:
    """An opaque cursor that continues after this proposal."""
    if position is None:
        return None
    moment, name = position
    return base64.urlsafe_b64encode(f"{moment.timestamp() * 1e6:.0f} {name}".encode()).decode().rstrip("=")


def decode_cursor(cursor: str | None) -> tuple[datetime, str] | None:
    """Where to continue. Raises `InvalidCursor` for what no list has given out."""
    if cursor is None:
        return None
    try:
        moment, name = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode("ascii").split(" ")
        at = datetime.fromtimestamp(0, tz=UTC) + timedelta(microseconds=int(moment))
        rfc3339(at)
        if "\0" in name:
            raise ValueError("no id holds NUL")  # noqa: TRY301  # the same answer as for any other nonsense
    except (binascii.Error, ValueError, OverflowError) as error:
        raise InvalidCursor("The cursor comes from no list of proposals.", field="query.cursor") from error
    return at, name
