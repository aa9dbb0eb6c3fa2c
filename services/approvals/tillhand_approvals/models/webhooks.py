"""Webhooks as they go over the wire."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from tillhand_approvals.models.base import In, Moment, Out

Url = Annotated[str, StringConstraints(min_length=8, max_length=2_000)]
Type = Annotated[str, StringConstraints(pattern=r"^[a-z]+\.(?:[a-z_]+|\*)$", max_length=80)]
Types = Annotated[
    list[Type],
    Field(max_length=50, description="Types of records, such as `decision.made` or `proposal.*`; none means all."),
]
Description = Annotated[str, StringConstraints(max_length=200, pattern=r"^[^\x00]*$")]
Sequence = Annotated[int, Field(ge=1, le=2**53)]


class WebhookRequest(In):
    """A receiver of records as they come."""

    url: Url = Field(description="http or https, without credentials; shown to nobody again, as it may hold a secret.")
    types: Types = Field(default_factory=list)
    description: Description = ""


class WebhookChange(In):
    """What is to be another; what is not named stays."""

    url: Url | None = None
    types: Types | None = None
    description: Description | None = None
    enabled: bool | None = None


class WebhookOut(Out):
    """A webhook, and how its deliveries go: `position` is the last record that is behind it."""

    id: str
    host: str
    types: list[str]
    description: str
    enabled: bool
    author: str
    created_at: Moment
    position: int
    failures: int
    failing_since: Moment | None
    retry_at: Moment | None
    last_error: str
    last_delivery_at: Moment | None


class WebhookMade(WebhookOut):
    """A new webhook with its secret, which is shown this once."""

    secret: str


class SecretOut(Out):
    """The new secret, shown this once; the one before signs beside it for a day."""

    secret: str


class WebhookList(Out):
    """Webhooks by id."""

    items: list[WebhookOut]


class TestOut(Out):
    """What came of a message that is no record."""

    answer: Literal["taken", "refused", "away", "gone"]
    error: str


class LetterOut(Out):
    """A record that the receiver refused for good."""

    sequence: int
    attempts: int
    error: str


class LetterPage(Out):
    """Dead letters in order."""

    items: list[LetterOut]
    next_after: int | None


class RedeliverRequest(In):
    """Which dead letters are to be tried again."""

    sequences: Annotated[list[Sequence], Field(min_length=1, max_length=500)]


class RedeliverOut(Out):
    """Which are."""

    sequences: list[int]
