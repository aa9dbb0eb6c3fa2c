"""Tools as both faces describe them, and what comes of a call."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

Json = Mapping[str, Any]
Risk = Literal["low", "medium", "high", "critical"]
TaskState = Literal["working", "input_required", "completed", "failed", "cancelled"]


@dataclass(frozen=True, slots=True)
class Annotations:
    """Hints for clients: what a tool does to the world."""

    read_only: bool = True
    destructive: bool = False
    idempotent: bool = True
    open_world: bool = True


@dataclass(frozen=True, slots=True)
class Tool:
    """A tool. Schemas are JSON Schema 2020-12 of objects; one that writes only ever proposes."""

    name: str
    title: str
    description: str
    connector: str
    input_schema: Json
    output_schema: Json
    annotations: Annotations = field(default_factory=Annotations)
    writes: bool = False
    risk: Risk = "low"
    version: str = "1"


@dataclass(frozen=True, slots=True)
class Done:
    """A call that was answered: `structured` fits the tool's output schema, `text` says the same, briefly."""

    structured: Json
    text: str


@dataclass(frozen=True, slots=True)
class Refused:
    """A call that came to nothing, in words that a model can act on. `slug` is the problem's name."""

    slug: str
    text: str
    retry_after_s: float | None = None
    details: Json = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Task:
    """A proposed write on its way: `id` is the proposal's. `result` or `refusal` once it has come to its end.

    `poll_s` is how soon asking again makes sense, `status` what is being waited for, in a sentence.
    """

    id: str
    tool: str
    state: TaskState
    status: str
    created_at: datetime
    updated_at: datetime
    poll_s: float
    expires_at: datetime | None = None
    result: Done | None = None
    refusal: Refused | None = None


@dataclass(frozen=True, slots=True)
class Resource:
    """Something to read: a document, a report."""

    uri: str
    name: str
    title: str = ""
    description: str = ""
    mime_type: str = "text/markdown"
    size: int | None = None


@dataclass(frozen=True, slots=True)
class ResourceTemplate:
    """How the URIs of like resources are formed, with one variable, as in `tillhand://documents/{id}`."""

    uri_template: str
    name: str
    title: str = ""
    description: str = ""
    mime_type: str = "text/markdown"


@dataclass(frozen=True, slots=True)
class Content:
    """What a resource holds."""

    uri: str
    mime_type: str
    text: str


@dataclass(frozen=True, slots=True)
class PromptArgument:
    """What a prompt is filled in with."""

    name: str
    description: str = ""
    required: bool = False


@dataclass(frozen=True, slots=True)
class Prompt:
    """A way to begin, for people who use a client."""

    name: str
    title: str
    description: str
    arguments: Sequence[PromptArgument] = ()
