"""The approvals over HTTP, in the name of whoever calls."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import aclosing, contextmanager
from contextvars import ContextVar
from typing import Any, Final

from pydantic import SecretStr

from tillhand_common.actor import Actor, ActorSigner
from tillhand_common.approvals_client import ApprovalsClient
from tillhand_common.approvals_models import ProposalView
from tillhand_common.http import Resilience
from tillhand_mcp.ports.approvals import Run
from tillhand_mcp.ports.toolbox import Caller

EXECUTOR: Final = "mcp"
AUDIENCE: Final = "approvals"
RESET_S: Final = 2.0
_SPEAKS_FOR: Final[ContextVar[Caller | None]] = ContextVar("speaks_for", default=None)


class HttpApprovals:
    """One tenant's approvals, by the service's own key; proposals are made and withdrawn in the caller's name."""

    def __init__(self, base_url: str, key: SecretStr | None, signer: ActorSigner | None) -> None:
        self._signer = signer
        # They are near by: what was away for a moment is asked again before a lease runs out.
        resilience = Resilience(AUDIENCE, reset_timeout_s=RESET_S)
        self._client = ApprovalsClient(base_url, key, headers=self._headers, resilience=resilience)

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
                tool, arguments, justification=reason, evidence=evidence, idempotency_key=_key(caller, tool)
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

    async def work(self) -> Sequence[ProposalView]:
        """What can be run now."""
        found = await self._client.work(EXECUTOR)
        return () if found.stopped else found.items

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


def _key(caller: Caller, tool: str) -> str:
    """The same call again, by the caller's own key, is the same proposal again; without one each call is another."""
    if caller.idempotency_key is None:
        return secrets.token_hex(16)
    told = f"{caller.tenant}\n{caller.subject}\n{tool}\n{caller.idempotency_key}"
    return hashlib.sha256(told.encode()).hexdigest()


@contextmanager
def _speaking(caller: Caller) -> Iterator[None]:
    """Have the calls within be made in somebody's name."""
    token = _SPEAKS_FOR.set(caller)
    try:
        yield
    finally:
        _SPEAKS_FOR.reset(token)
