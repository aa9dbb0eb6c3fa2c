"""The approvals over HTTP, in the name of whoever calls."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import aclosing, contextmanager
from contextvars import ContextVar
from typing import Any, Final

from pydantic import SecretStr

from tillhand_common.actor import Actor, ActorSigner
from tillhand_common.approvals_client import ApprovalsClient
from tillhand_common.approvals_models import ProposalView
from tillhand_mcp.ports.approvals import Run
from tillhand_mcp.ports.toolbox import Caller

EXECUTOR: Final = "mcp"
AUDIENCE: Final = "approvals"
_SPEAKS_FOR: Final[ContextVar[Caller | None]] = ContextVar("speaks_for", default=None)


class HttpApprovals:
    """One tenant's approvals, by the service's own key; proposals are made and withdrawn in the caller's name."""

    def __init__(self, base_url: str, key: SecretStr | None, signer: ActorSigner | None) -> None:
        self._signer = signer
        self._client = ApprovalsClient(base_url, key, headers=self._headers)

    async def aclose(self) -> None:
        """Close all connections."""
        await self._client.aclose()

    async def propose(
        self,
        caller: Caller,
        tool: str,
        arguments: Mapping[str, Any],
        reason: str,
        evidence: Sequence[Mapping[str, Any]] = (),
    ) -> ProposalView:
        """Propose a call in the caller's name."""
        with _speaking(caller):
            return await self._client.propose(
                tool, arguments, justification=reason, evidence=evidence, idempotency_key=secrets.token_hex(16)
            )

    async def proposal(self, caller: Caller, proposal_id: str) -> ProposalView:
        """A proposal of the caller's tenant, as it is now."""
        with _speaking(caller):
            return await self._client.proposal(proposal_id)

    async def cancel(self, caller: Caller, proposal_id: str) -> ProposalView:
        """Withdraw a proposal in the caller's name."""
        with _speaking(caller):
            return await self._client.cancel(proposal_id)

    async def register(self, tools: Sequence[Mapping[str, Any]]) -> None:
        """Say what this service can run."""
        await self._client.register(EXECUTOR, tools)

    async def learn(self, names: Sequence[str]) -> None:
        """Tell the redactor what the shop's goods are called."""
        await self._client.learn(names)

    async def work(self) -> Sequence[str]:
        """Ids of what can be run now."""
        found = await self._client.work(EXECUTOR)
        return [] if found.stopped else [each.id for each in found.items]

    async def run(self, proposal_id: str, work: Run) -> None:
        """Run one, once, under a lease, and report what came of it."""
        await self._client.run(proposal_id, EXECUTOR, work)

    async def decided(self) -> AsyncIterator[None]:
        """Something may have been decided."""
        types = {"decision.made", "decision.undone", "proposal.created", "switch.changed"}
        async with aclosing(self._client.events(types=types)) as events:
            async for _ in events:
                yield

    def _headers(self) -> Mapping[str, str]:
        caller = _SPEAKS_FOR.get()
        if caller is None or self._signer is None:
            return {}
        kind: Any = caller.kind
        return self._signer.header(Actor(caller.subject, kind, caller.tenant), AUDIENCE)


@contextmanager
def _speaking(caller: Caller) -> Iterator[None]:
    """Have the calls within be made in somebody's name."""
    token = _SPEAKS_FOR.set(caller)
    try:
        yield
    finally:
        _SPEAKS_FOR.reset(token)
