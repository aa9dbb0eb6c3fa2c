"""The approvals, as far as writes need them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from typing import Any, Protocol

from tillhand_common.approvals_client import Result
from tillhand_common.approvals_models import Leased, ProposalView
from tillhand_mcp.ports.toolbox import Caller

Run = Callable[[Leased], Awaitable[tuple[Result, Mapping[str, Any]]]]


class Approvals(Protocol):
    """Raises `Refused` (of the client) for what is refused, and `UpstreamError` where they cannot be reached."""

    async def propose(
        self,
        caller: Caller,
        tool: str,
        arguments: Mapping[str, Any],
        reason: str,
        evidence: Sequence[Mapping[str, Any]] = (),
    ) -> ProposalView:
        """Propose a call in the caller's name."""
        ...

    async def proposal(self, caller: Caller, proposal_id: str) -> ProposalView:
        """A proposal of the caller's tenant, as it is now."""
        ...

    async def cancel(self, caller: Caller, proposal_id: str) -> ProposalView:
        """Withdraw a proposal in the caller's name."""
        ...

    async def register(self, tools: Sequence[Mapping[str, Any]]) -> None:
        """Say what this service can run."""
        ...

    async def work(self) -> Sequence[ProposalView]:
        """What can be run now; nothing while a person has stopped all execution."""
        ...

    async def run(self, proposal_id: str, work: Run) -> None:
        """Run one, once, under a lease, and report what came of it."""
        ...

    def decided(self) -> AsyncIterator[None]:
        """Something may have been decided: without end, also after the approvals were away."""
        ...
