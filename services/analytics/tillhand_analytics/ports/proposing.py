"""Where something is proposed that a person decides."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from tillhand_analytics.domain.inventory.on_order import OrderedLine


@dataclass(frozen=True, slots=True)
class Speaker:
    """In whose name something is proposed; the same `idempotency_key` again is the same proposal, without
    one each is another."""

    subject: str
    kind: str
    tenant: str
    idempotency_key: str | None = None


@dataclass(frozen=True, slots=True)
class Draft:
    """What is proposed: a call of a tool, why, and what whoever decides should see."""

    tool: str
    arguments: Mapping[str, Any]
    justification: str
    evidence: Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Proposed:
    """A proposal that waits, or that a policy has decided already."""

    id: str
    state: str


class Orders(Protocol):
    """Orders to suppliers that went, or may go, through the approvals."""

    async def placed(self, since: datetime) -> Sequence[OrderedLine] | None:
        """Lines of orders that were proposed since then; None without approvals. Raises `ApprovalsUnavailable`."""
        ...

    async def aclose(self) -> None:
        """Let go of connections."""
        ...


class Proposals(Protocol):
    """The approvals, as far as analytics needs them."""

    async def propose(self, speaker: Speaker, draft: Draft) -> Proposed:
        """Propose it. Raises `NotProposed` where the approvals refuse, `ApprovalsUnavailable` where none answer."""
        ...

    async def aclose(self) -> None:
        """Let go of connections."""
        ...
