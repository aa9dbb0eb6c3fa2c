"""A redactor that takes nothing out, and remembers what it has learnt."""

from __future__ import annotations

from tillhand_approvals.ports.redaction import Redacted


class Pupil:
    """A redactor that only learns."""

    def __init__(self) -> None:
        self.learned: list[tuple[str, int]] = []

    async def learn(self, tenant: str, names: object) -> None:
        self.learned.append((tenant, len(list(names))))  # type: ignore[call-overload]  # a collection

    async def redact(self, tenant: str, value: object) -> Redacted:  # noqa: ARG002  # the port's
        return Redacted(value)

    async def pseudonym(self, tenant: str, subject: str) -> str:
        return f"{tenant}/{subject}"
