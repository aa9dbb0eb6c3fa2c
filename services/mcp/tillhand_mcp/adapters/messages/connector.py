"""`reply_to_customer`: delivers what was approved, by mail, or into a mailbox that only keeps it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from tillhand_mcp.adapters.messages.delivery import Delivered, Delivery, told
from tillhand_mcp.domain.origins import ConnectorState
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


class MessagesConnector:
    """A mail server, or a mailbox."""

    id = "messages"
    title = "Messages to customers"

    def __init__(self, delivery: Delivery) -> None:
        self._delivery = delivery

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
        return await self._delivery.state()

    async def check(self) -> ConnectorState:
        """Whether the mail server lets us in."""
        return await self._delivery.check()

    async def aclose(self) -> None:
        """Nothing is open between messages."""

    async def _reply(self, approved: Approved, given: ReplyRequest) -> Answer:
        done = await self._delivery.deliver(approved.key, given.model_dump())
        return Answer(done, told(done), self._delivery.origin(self.id))
