"""Moments as they go over the wire: RFC 3339 with any offset in, UTC with milliseconds out."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import BeforeValidator, WithJsonSchema

from tillhand_common.clock import rfc3339


def _moment(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError("must be a string")  # noqa: TRY004  # pydantic reports ValueErrors
    moment = datetime.fromisoformat(value)
    if moment.tzinfo is None:
        raise ValueError("must name its offset from UTC")
    try:
        return rfc3339(moment)
    except OverflowError:
        raise ValueError("must lie between the years 1 and 9999") from None


Moment = Annotated[str, BeforeValidator(_moment), WithJsonSchema({"type": "string", "format": "date-time"})]
