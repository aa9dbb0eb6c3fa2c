"""How one record follows another: each holds the hash of the one before, and the hash of all that it says itself.

A record's `hash` is the SHA-256 of its canonical JSON (RFC 8785) without the member `hash`; `previous` is that of the
record before, or for the first the SHA-256 of `tillhand:` and the tenant's name.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from tillhand_approvals.domain.canonical import canonical
from tillhand_common.clock import rfc3339


class Head(NamedTuple):
    """The last record of a tenant."""

    sequence: int
    hash: str


@dataclass(frozen=True, slots=True)
class Draft:
    """A record before it has a place. `data` is redacted; `actor` has `id` and `kind`."""

    tenant: str
    type: str
    time: datetime
    actor: Mapping[str, str] | None
    subject: str | None
    request_id: str | None
    data: Mapping[str, Any]


def origin(tenant: str) -> Head:
    """What the first record of a tenant follows."""
    return Head(0, hashlib.sha256(f"tillhand:{tenant}".encode()).hexdigest())


def chained(head: Head, draft: Draft) -> tuple[str, Head]:
    """The line of the record that follows, in canonical JSON, and the new head.

    Raises `UncanonicalJson` where the data has no canonical form.
    """
    record: dict[str, Any] = {
        "sequence": head.sequence + 1,
        "tenant": draft.tenant,
        "type": draft.type,
        "time": rfc3339(draft.time),
        "actor": None if draft.actor is None else dict(draft.actor),
        "subject": draft.subject,
        "request_id": draft.request_id,
        "data": draft.data,
        "previous": head.hash,
    }
    digest = hashlib.sha256(canonical(record)).hexdigest()
    return canonical(record | {"hash": digest}).decode(), Head(head.sequence + 1, digest)
