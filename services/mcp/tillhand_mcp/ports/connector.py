"""What a connector is: tools over one upstream, as both faces offer them.

To write one, give `Connector` an adapter whose `tools` bind pydantic models to coroutines; docs/connectors.md shows it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Generic, Protocol, TypeVar

from pydantic import BaseModel

from tillhand_mcp.domain.origins import ConnectorState, Origin
from tillhand_mcp.domain.tools import Annotations, Risk
from tillhand_mcp.ports.toolbox import Caller, Progress

Given = TypeVar("Given", bound=BaseModel)


WRITES: Final = Annotations(read_only=False, destructive=True, idempotent=True)


@dataclass(frozen=True, slots=True)
class Approved:
    """The right to write, once: it is made by the executor alone, from a lease on an approved proposal.

    `key` is the idempotency key for the upstream, `digest` the digest of the arguments that were approved.
    """

    proposal: str
    key: str
    digest: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What a tool found or did: `data` is an instance of the tool's output model, `text` says it briefly."""

    data: BaseModel
    text: str
    origin: Origin


@dataclass(frozen=True, slots=True)
class ReadTool(Generic[Given]):
    """A tool that only reads: it has no way to write, as it is handed nothing that could."""

    name: str
    title: str
    description: str
    takes: type[Given]
    gives: type[BaseModel]
    run: Callable[[Caller, Given, Progress], Awaitable[Answer]]
    open_world: bool = True
    fresh_s: float = 0.0
    """Seconds for which an answer is given again; 0 asks every time."""


@dataclass(frozen=True, slots=True)
class WriteTool(Generic[Given]):
    """A tool that writes. Calling it proposes; `run` is called by the executor, with what people approved.

    `subject`, `amount` and `currency` are JSON pointers into the arguments: whom it concerns, and what money it moves.
    """

    name: str
    title: str
    description: str
    takes: type[Given]
    gives: type[BaseModel]
    risk: Risk
    run: Callable[[Approved, Given], Awaitable[Answer]]
    version: str = "1"
    subject: str | None = None
    amount: str | None = None
    currency: str | None = None
    cost_of_error: str = ""
    preview: Callable[[Given], Awaitable[Sequence[Mapping[str, Any]]]] | None = None
    """What it would change, read when it is proposed: evidence for whoever decides, as `change` of domain/changes.py.

    A `ToolRefused` of it refuses the call: nobody needs to decide what could not be done anyway.
    """
    annotations: Annotations = WRITES


AnyTool = ReadTool[BaseModel] | WriteTool[BaseModel]


class Connector(Protocol):
    """One upstream."""

    @property
    def id(self) -> str:
        """Its name in paths and settings, such as `shopify`."""
        ...

    @property
    def title(self) -> str:
        """Its name for people."""
        ...

    def tools(self) -> Sequence[AnyTool]:
        """What it offers, whatever its state: a blocked connector refuses, and says which credential is missing."""
        ...

    async def state(self) -> ConnectorState:
        """How it stands, from what is known already; no call is made."""
        ...

    async def check(self) -> ConnectorState:
        """How it stands now: the cheapest call that proves credentials, by the same client and timeouts as others."""
        ...

    async def aclose(self) -> None:
        """Close all connections."""
        ...
