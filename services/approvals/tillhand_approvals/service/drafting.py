"""A customer's message comes in; a reply from the knowledge base waits as a proposal."""

from __future__ import annotations

from tillhand_approvals.domain.canonical import digest_of
from tillhand_approvals.domain.drafts import (
    Message,
    arguments_of,
    body_of,
    drafted,
    evidence_of,
    joined,
    justification_of,
    prompt,
    questions_of,
)
from tillhand_approvals.domain.proposals import Proposal
from tillhand_approvals.errors import IdempotencyConflict
from tillhand_approvals.ports.drafting import Assistant, Knowledge
from tillhand_approvals.ports.ledger import Ledger
from tillhand_approvals.ports.redaction import Redactor
from tillhand_approvals.service.callers import Caller
from tillhand_approvals.service.deciding import found
from tillhand_approvals.service.editing import registered
from tillhand_approvals.service.proposing import Proposed, Proposing


class Drafting:
    """Drafts replies. What leaves for the knowledge base and the assistant is the redacted message."""

    def __init__(
        self,
        *,
        ledger: Ledger,
        proposing: Proposing,
        redactor: Redactor,
        knowledge: Knowledge,
        assistant: Assistant | None,
        tool: str,
        signature: str,
    ) -> None:
        self._ledger = ledger
        self._proposing = proposing
        self._redactor = redactor
        self._knowledge = knowledge
        self._assistant = assistant
        self._tool = tool
        self._signature = signature

    async def draft(self, caller: Caller, message: Message) -> tuple[Proposal, bool]:
        """The proposal, and whether it is new: a message with the same id brings the same one again.

        Raises `DraftsUnavailable`, `ToolNotRegistered` where nothing delivers replies, and what `Proposing.propose`
        does.
        """
        key = None if message.id is None else f"draft:{digest_of({'channel': message.channel, 'id': message.id})}"
        async with self._ledger.reading(caller.tenant) as view:
            await registered(view, self._tool)
            made = None if key is None else await view.made_with(caller.actor.id, key)
            if made is not None:
                return await found(view, made[1]), False
        clean = str((await self._redactor.redact(caller.tenant, message.text)).value)
        asked = questions_of(clean)
        finding = joined([await self._knowledge.find(caller.tenant, each, message.collection) for each in asked])
        written, model = None, None
        if self._assistant is not None:
            written, model = await self._assistant.write(prompt(clean, finding.citations)), self._assistant.model
        draft = drafted(finding, written, model)
        proposed = Proposed(
            tool=self._tool,
            arguments=arguments_of(message, body_of(message, draft, self._signature)),
            justification=justification_of(message, draft),
            evidence=evidence_of(message, draft),
            known=tuple(filter(None, (message.sender, message.name))),
        )
        try:
            return await self._proposing.propose(caller, proposed, key)
        except IdempotencyConflict:  # the same message has come twice at once, and the other was quicker
            async with self._ledger.reading(caller.tenant) as view:
                made = None if key is None else await view.made_with(caller.actor.id, key)
                if made is None:
                    raise
                return await found(view, made[1]), False
