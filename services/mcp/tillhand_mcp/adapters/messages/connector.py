"""`reply_to_customer`: delivers what was approved, by mail, or into a mailbox that only keeps it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from tillhand_common.clock import Clock
from tillhand_common.errors import UpstreamError
from tillhand_mcp.adapters.messages.mailbox import Mailbox
from tillhand_mcp.adapters.messages.smtp import MailServer
from tillhand_mcp.domain.origins import ConnectorState, Origin
from tillhand_mcp.domain.tools import Annotations
from tillhand_mcp.ports.connector import Answer, AnyTool, Approved, WriteTool

# Line separators stand as themselves: how to write them differs between RE2, which the approvals go by, and JavaScript.
Line = Annotated[str, StringConstraints(pattern=r"^[^\x00-\x1f\x7f-\x9f" + "\u2028\u2029" + r"]+$", max_length=320)]


class ReplyRequest(BaseModel):
    """A reply to a customer."""

    model_config = ConfigDict(extra="forbid")

    channel: Literal["email"] = "email"
    to: Line = Field(description="The customer's address.")
    subject: Line
    body: Annotated[str, Field(min_length=1, max_length=20_000)]
    in_reply_to: Line | None = Field(default=None, description="The id of the message that is replied to.")


class Delivered(BaseModel):
    """What became of it. `already`: it had been delivered before, under the same approval."""

    message_id: str
    delivered: bool
    already: bool


class MessagesConnector:
    """A mail server, or a mailbox."""

    id = "messages"
    title = "Messages to customers"

    def __init__(self, server: MailServer | None, mailbox: Mailbox, clock: Clock) -> None:
        self._server = server
        self._mailbox = mailbox
        self._clock = clock
        self._last: datetime | None = None

    def tools(self) -> Sequence[AnyTool]:
        """One tool, which writes."""
        reply: WriteTool[Any] = WriteTool(
            "reply_to_customer",
            "Reply to a customer",
            "Propose a reply to a customer's message. A person reads and may edit it before it is sent.",
            ReplyRequest,
            Delivered,
            "medium",
            self._reply,
            subject="/to",
            cost_of_error="A customer reads something wrong; it cannot be taken back.",
            annotations=Annotations(read_only=False, destructive=False, idempotent=True),
        )
        return (reply,)

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

    async def aclose(self) -> None:
        """Nothing is open between messages."""

    async def _reply(self, approved: Approved, given: ReplyRequest) -> Answer:
        if self._server is None:
            new = await self._mailbox.put(approved.key, given.model_dump())
            done = Delivered(message_id=approved.key, delivered=False, already=not new)
            return Answer(
                done, "Kept in the mailbox; no mail server is set.", Origin(self.id, "mock", self._clock.now())
            )
        await self._server.send(approved.key, given.to, given.subject, given.body, given.in_reply_to)
        self._last = self._clock.now()
        done = Delivered(message_id=approved.key, delivered=True, already=False)
        return Answer(done, "Sent.", Origin(self.id, "live", self._last))
