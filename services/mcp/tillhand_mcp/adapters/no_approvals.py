"""Where no approvals are connected, everything that writes is refused."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from typing import Any

from tillhand_common.approvals_models import ProposalView
from tillhand_common.errors import UpstreamUnavailable
from tillhand_mcp.ports.approvals import Run
from tillhand_mcp.ports.toolbox import Caller


class NoApprovals:
    """Every method that proposes or runs raises `UpstreamUnavailable`."""

    async def propose(
        self,
        caller: Caller,  # noqa: ARG002  # the port's
        tool: str,  # noqa: ARG002  # the port's
        arguments: Mapping[str, Any],  # noqa: ARG002  # the port's
        reason: str,  # noqa: ARG002  # the port's
        evidence: Sequence[Mapping[str, Any]] = (),  # noqa: ARG002  # the port's
    ) -> ProposalView:
        """Nothing."""
        raise _nobody()

    async def proposal(self, caller: Caller, proposal_id: str) -> ProposalView:  # noqa: ARG002  # the port's
        """Nothing."""
        raise _nobody()

    async def cancel(self, caller: Caller, proposal_id: str) -> ProposalView:  # noqa: ARG002  # the port's
        """Nothing."""
        raise _nobody()

    async def register(self, tools: Sequence[Mapping[str, Any]]) -> None:  # noqa: ARG002  # the port's
        """Nothing."""
        raise _nobody()

    async def learn(self, names: Sequence[str]) -> None:
        """Nobody has to know what the shop's goods are called."""

    async def work(self) -> Sequence[ProposalView]:
        """Nothing."""
        raise _nobody()

    async def run(self, proposal_id: str, work: Run) -> None:  # noqa: ARG002  # the port's
        """Nothing."""
        raise _nobody()

    async def decided(self) -> AsyncIterator[None]:
        """Nothing, ever."""
        for each in _none():
            yield each


def _none() -> Iterator[None]:
    raise _nobody()


def _nobody() -> UpstreamUnavailable:
    return UpstreamUnavailable("approvals", "no approvals are connected: set TILLHAND_APPROVALS_URL", sent=False)
