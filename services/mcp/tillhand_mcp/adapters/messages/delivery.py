"""Delivers mail: by a server, or into a mailbox that only keeps it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pydantic import BaseModel

from tillhand_common.clock import Clock
from tillhand_common.errors import UpstreamError
from tillhand_mcp.adapters.messages.mailbox import Mailbox
from tillhand_mcp.adapters.messages.smtp import MailServer
from tillhand_mcp.domain.origins import ConnectorState, Origin


class Delivered(BaseModel):
    """What became of it. `already`: it had been delivered before, under the same approval."""

    message_id: str
    delivered: bool
    already: bool


class Delivery:
    """A mail server, or a mailbox where none is set."""

    def __init__(self, server: MailServer | None, mailbox: Mailbox, clock: Clock) -> None:
        self._server = server
        self._mailbox = mailbox
        self._clock = clock
        self._last: datetime | None = None

    async def deliver(self, key: str, message: Mapping[str, Any]) -> Delivered:
        """Deliver a message with `to`, `subject`, `body` and perhaps `in_reply_to`, once for a key.

        Raises as `MailServer.send` does.
        """
        if self._server is None:
            new = await self._mailbox.put(key, message)
            return Delivered(message_id=key, delivered=False, already=not new)
        to, subject, body = message["to"], message["subject"], message["body"]
        await self._server.send(key, to, subject, body, message.get("in_reply_to"))
        self._last = self._clock.now()
        return Delivered(message_id=key, delivered=True, already=False)

    def origin(self, source: str) -> Origin:
        """Whether mail really goes out."""
        return Origin(source, "mock" if self._server is None else "live", self._clock.now())

    async def state(self) -> ConnectorState:
        """How it stands, from what is known already."""
        if self._server is None:
            return ConnectorState("mock", "Replies are kept in a mailbox and sent to nobody.")
        return ConnectorState("live", last_success_at=self._last)

    async def check(self) -> ConnectorState:
        """Whether the mail server lets us in."""
        if self._server is None:
            return await self.state()
        try:
            await self._server.check()
        except UpstreamError as error:
            return ConnectorState("degraded", error.detail, last_success_at=self._last)
        self._last = self._clock.now()
        return ConnectorState("live", last_success_at=self._last)


def told(done: Delivered) -> str:
    """What became of it, in words."""
    return "Sent." if done.delivered else "Kept in the mailbox; no mail server is set."
