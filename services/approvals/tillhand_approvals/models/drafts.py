"""Customers' messages as they come in."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints

from tillhand_approvals.models.base import In

Channel = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]{0,31}$")]
Collection = Annotated[str, StringConstraints(pattern=r"^[a-z0-9](?:[a-z0-9_-]{0,62}[a-z0-9])?$")]
Line = Annotated[str, StringConstraints(pattern=r"^[^\r\n\x00]*$", max_length=200)]


class DraftRequest(In):
    """A customer's message, to which a reply is to be drafted."""

    channel: Channel = Field(description="How it came and how the reply goes, such as `email`.")
    message: Annotated[str, Field(min_length=1, max_length=20_000)]
    sender: Annotated[Line, Field(min_length=1)] = Field(description="Where the reply goes: an address of the channel.")
    sender_name: Line = Field(default="", description="How the reply addresses them.")
    subject: Line = ""
    message_id: Annotated[Line, Field(min_length=1)] | None = Field(
        default=None, description="The channel's own id of the message; the same one never makes two drafts."
    )
    collection: Collection = Field(default="default", description="The part of the knowledge base to draft from.")
