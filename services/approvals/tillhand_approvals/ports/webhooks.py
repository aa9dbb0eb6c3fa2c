"""Webhooks as they are delivered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from tillhand_approvals.domain.webhooks import Answer, Letter, Webhook


@dataclass(frozen=True, slots=True)
class Attempt:
    """What came of one message. `error` says why it was not taken, in a few words, nothing of the answer's body."""

    answer: Answer
    error: str = ""
    retry_after_s: float | None = None


class Receivers(Protocol):
    """Sends to addresses that people wrote, never to ones that are not allowed."""

    def checked(self, url: str) -> tuple[str, str | None]:
        """The host of an address, and what is wrong with it as far as can be told without asking."""
        ...

    async def send(self, url: str, headers: Mapping[str, str], body: bytes) -> Attempt:
        """POST a message, once; what fails is an answer as well."""
        ...


class Deliveries(Protocol):
    """What is to be delivered. One process holds a webhook at a time, for as long as it says."""

    async def pending(self, now: datetime) -> Sequence[Webhook]:
        """Webhooks that nobody holds, with records beyond their position or letters that are due."""
        ...

    async def hold(self, webhook: Webhook, holder: str, now: datetime, until: datetime) -> Webhook | None:
        """Take a webhook for a time; None where somebody else has it, or it is gone or disabled."""
        ...

    async def due(self, webhook: Webhook, now: datetime, limit: int) -> Sequence[Letter]:
        """Its letters whose time has come, the oldest first."""
        ...

    async def keep(
        self, webhook: Webhook, holder: str, until: datetime | None, letters: Sequence[Letter], taken: Sequence[int]
    ) -> bool:
        """Keep how far it has come: letters new or changed, those `taken` at last gone; False where it is not held.

        `until` None gives it back.
        """
        ...
