"""What all wire shapes are made of: strict in, explicit out."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Annotated, Any, Final

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    PlainSerializer,
    StringConstraints,
    WithJsonSchema,
)

from tillhand_common.clock import rfc3339

Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:@-]{0,199}$")]
"""An id that somebody else has given: of an actor, an executor, a role."""
RoleName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]{0,62}$")]
ToolName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,63}$")]
Digest = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Id = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{32}$")]
Note = Annotated[str, StringConstraints(max_length=4_000, pattern=r"^[^\x00]*$")]
Object = dict[str, Any]


_MOMENT: Final = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d.*")


def _written(value: object) -> object:
    """A moment as RFC 3339 writes it: a bare number is a moment to pydantic, and a mistake to whoever sent it."""
    if not (isinstance(value, datetime) or (isinstance(value, str) and _MOMENT.fullmatch(value))):
        raise ValueError("must be a moment such as 2026-01-31T12:00:00Z")
    return value


def _with_zone(value: datetime) -> datetime:
    if value.tzinfo is None:
        raise ValueError("must name its offset from UTC")
    try:
        rfc3339(value)
    except OverflowError:
        raise ValueError("must lie between the years 1 and 9999") from None
    return value


Moment = Annotated[
    datetime,
    BeforeValidator(_written),
    AfterValidator(_with_zone),
    PlainSerializer(rfc3339, return_type=str),
    WithJsonSchema({"type": "string", "format": "date-time"}),
]
"""RFC 3339 with any offset in, UTC with milliseconds out."""


class In(BaseModel):
    """A request body: unknown fields are refused."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=False)


class Out(BaseModel):
    """A response body."""

    model_config = ConfigDict(extra="forbid", from_attributes=True)
