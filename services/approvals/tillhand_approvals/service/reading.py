"""What people, agents and executors look at; a look at what is withheld is on record before it is answered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tillhand_approvals.domain.executing import is_released
from tillhand_approvals.domain.proposals import Json, Proposal
from tillhand_approvals.ports.ledger import Ledger, Page, Wish
from tillhand_approvals.ports.redaction import Redactor
from tillhand_approvals.service.callers import Caller
from tillhand_approvals.service.deciding import found
from tillhand_approvals.service.vault import ENTIRE, Vault
from tillhand_common.clock import Clock

MOST_WORK = 1_000


class Reading:
    """Looks, and comments."""

    def __init__(self, *, ledger: Ledger, clock: Clock, redactor: Redactor, vault: Vault) -> None:
        self._ledger = ledger
        self._clock = clock
        self._redactor = redactor
        self._vault = vault

    async def proposals(self, caller: Caller, wish: Wish) -> Page:
        """The proposals that are asked for."""
        async with self._ledger.reading(caller.tenant) as view:
            return await view.proposals(wish)

    async def counts(self, caller: Caller) -> Mapping[str, int]:
        """How many proposals are in each state."""
        async with self._ledger.reading(caller.tenant) as view:
            return await view.counts()

    async def proposal(self, caller: Caller, proposal_id: str) -> Proposal:
        """A proposal, redacted. Raises `ProposalNotFound`."""
        async with self._ledger.reading(caller.tenant) as view:
            return await found(view, proposal_id)

    async def full(self, caller: Caller, proposal_id: str) -> tuple[Proposal, Json]:
        """A proposal, and what came with it as it came; the look is recorded first.

        Raises `ProposalNotFound` or `ErasedSubject`.
        """
        async with self._ledger.writing(caller.tenant) as unit:
            proposal = await found(unit, proposal_id)
            whole = await self._vault.opened(unit, proposal_id, ENTIRE)
            arguments = await self._vault.opened(unit, proposal_id, f"arguments:{proposal.digest}")
            await unit.append(caller.entry("vault.viewed", {"digest": proposal.digest}, proposal_id))
        return proposal, {"arguments": arguments, **whole}

    async def note(self, caller: Caller, proposal_id: str, text: str) -> None:
        """Add a comment to the record. Raises `ProposalNotFound`."""
        redacted = (await self._redactor.redact(caller.tenant, {"note": text})).value["note"]
        async with self._ledger.writing(caller.tenant) as unit:
            await found(unit, proposal_id)
            await unit.append(caller.entry("note.added", {"note": redacted}, proposal_id))

    async def work(self, caller: Caller, executor: str, limit: int) -> tuple[Sequence[Proposal], bool]:
        """What an executor can take now, the oldest first, and whether all execution is stopped."""
        now = self._clock.now()
        wish = Wish(states=("approved",), executor=executor, newest_first=False, limit=MOST_WORK)
        async with self._ledger.reading(caller.tenant) as view:
            stopped = (await view.switch()).stopped
            page = await view.proposals(wish)
        ready = [each for each in page.proposals if is_released(each, now)]
        return ready[:limit], stopped
