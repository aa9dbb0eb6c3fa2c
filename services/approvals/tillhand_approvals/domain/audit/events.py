"""Records as CloudEvents 1.0, one JSON object a line: https://github.com/cloudevents/spec."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

SOURCE: Final = "urn:tillhand:approvals:"
TYPE: Final = "tillhand."
_DATA: Final = ',"data":'


def cloud_event(line: str, sequence: int, tenant: str, type_: str, subject: str | None, time: str) -> str:
    """The envelope of a record, whose line stands in it as it is kept, so that its hash can be taken from the bytes."""
    envelope: dict[str, Any] = {
        "specversion": "1.0",
        "id": f"{tenant}/{sequence}",
        "source": f"{SOURCE}{tenant}",
        "type": f"{TYPE}{type_}",
        **({} if subject is None else {"subject": subject}),
        "time": time,
        "datacontenttype": "application/json",
        "sequence": f"{sequence:020d}",
    }
    return f"{json.dumps(envelope, separators=(',', ':'), ensure_ascii=False)[:-1]}{_DATA}{line}}}"


def is_cloud_event(value: Mapping[str, Any]) -> bool:
    """Whether this is an envelope, and not a record itself."""
    return "specversion" in value and isinstance(value.get("data"), Mapping)


def enveloped_line(text: str) -> str:
    """The record's line where our own envelope holds it as it was kept; another tool may have written it otherwise."""
    return text[text.index(_DATA) + len(_DATA) : -1]
