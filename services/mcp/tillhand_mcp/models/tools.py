"""Tools, calls and tasks as they go over the wire."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from tillhand_mcp.domain.tools import Risk, TaskState
from tillhand_mcp.models.base import In, Moment, Object, Out


class AnnotationsOut(Out):
    """Hints: what a tool does to the world."""

    read_only: bool
    destructive: bool
    idempotent: bool
    open_world: bool


class ToolOut(Out):
    """A tool. One that writes only ever proposes; a person decides."""

    name: str
    title: str
    description: str
    connector: str
    input_schema: Object
    output_schema: Object
    annotations: AnnotationsOut
    writes: bool
    risk: Risk
    version: str


class ToolList(Out):
    """All tools, by name."""

    items: list[ToolOut]


class CallRequest(In):
    """What a tool is called with."""

    arguments: Object = Field(default_factory=dict, description="As the tool's input schema says.")


class CallOut(Out):
    """What a tool found: `structured` fits its output schema, `text` says the same briefly."""

    tool: str
    structured: Object
    text: str


class RefusalOut(Out):
    """Why something came to nothing."""

    slug: str
    text: str
    details: Object


class TaskOut(Out):
    """A proposed write: it waits for a person, and is done at most once."""

    id: str
    tool: str
    state: TaskState
    status: str = Field(description="What is being waited for, or what became of it, in a sentence.")
    created_at: Moment
    updated_at: Moment
    expires_at: Moment | None = Field(description="When it expires unless somebody decides.")
    poll_s: float = Field(description="How soon asking again makes sense.")
    result: CallOut | None
    refusal: RefusalOut | None


class MissingOut(Out):
    """A credential that is not there, and how to get it."""

    setting: str
    how: str


class QuotaOut(Out):
    """What an upstream still allows."""

    unit: str
    left: float
    limit: float
    restores_at: Moment | None


class ConnectorOut(Out):
    """How a connector stands. `blocked`: a credential is missing; `degraded`: the upstream fails, nothing is mocked."""

    id: str
    title: str
    state: Literal["live", "mock", "blocked", "degraded"]
    reason: str
    missing: list[MissingOut]
    breaker: Literal["closed", "open", "half-open"]
    quota: QuotaOut | None
    last_success_at: Moment | None
    tools: list[str]


class ConnectorList(Out):
    """All connectors, by id."""

    items: list[ConnectorOut]


class DurationsOut(Out):
    """How long the last calls took that went to the upstream, in seconds; null where there were none."""

    calls: int
    p50_s: float | None
    p95_s: float | None


class UpstreamOut(Out):
    """What its client did: attempts by outcome, retries among them, and changes of its breaker's state."""

    attempts: dict[str, int]
    retries: int
    breaker_transitions: dict[str, int]
    pool_wait_s: float = Field(description="Seconds that attempts waited for a connection, all together.")


class ConnectorMetricsOut(Out):
    """What a connector has done since the service started."""

    id: str
    since: Moment
    calls: dict[str, int] = Field(description="Calls that read: answered, cached, stale, refused, failed.")
    durations: DurationsOut
    upstream: UpstreamOut
    breaker: Literal["closed", "open", "half-open"]
    quota: QuotaOut | None
    last_success_at: Moment | None
