"""The approvals over HTTP, in the name of whoever asked; or none, where no address is set."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Final

from pydantic import SecretStr

from tillhand_analytics import errors
from tillhand_analytics.ports.proposing import Draft, Proposed, Speaker
from tillhand_common.actor import Actor, ActorSigner
from tillhand_common.approvals_client import ApprovalsClient, Refused
from tillhand_common.errors import UpstreamError

AUDIENCE: Final = "approvals"
_SPEAKS_FOR: Final[ContextVar[Speaker | None]] = ContextVar("speaks_for", default=None)


class HttpProposals:
    """One tenant's approvals, by the service's own key; a proposal is made in the caller's name."""

    def __init__(self, base_url: str, key: SecretStr | None, signer: ActorSigner | None) -> None:
        self._signer = signer
        self._client = ApprovalsClient(base_url, key, headers=self._headers)

    async def propose(self, speaker: Speaker, draft: Draft) -> Proposed:
        """Propose a call in the speaker's name. Raises `NotProposed`, `ApprovalsUnavailable`."""
        try:
            with _speaking(speaker):
                made = await self._client.propose(
                    draft.tool,
                    draft.arguments,
                    justification=draft.justification,
                    evidence=draft.evidence,
                    idempotency_key=_key(speaker, draft.tool),
                )
        except Refused as refusal:
            raise errors.NotProposed(
                f"The approvals refused: {refusal}", extensions={"reason": refusal.slug}
            ) from refusal
        except UpstreamError as error:
            raise errors.ApprovalsUnavailable("The approvals do not answer.", retry_after_s=5) from error
        return Proposed(made.id, made.state)

    async def aclose(self) -> None:
        """Close all connections."""
        await self._client.aclose()

    def _headers(self) -> Mapping[str, str]:
        speaker = _SPEAKS_FOR.get()
        if speaker is None or self._signer is None:
            return {}
        kind: Any = speaker.kind
        return self._signer.header(Actor(speaker.subject, kind, speaker.tenant), AUDIENCE)


class NoProposals:
    """Without approvals nothing can be proposed, and nothing is ordered."""

    async def propose(self, speaker: Speaker, draft: Draft) -> Proposed:
        """Raises `ApprovalsUnavailable`."""
        del speaker, draft
        raise errors.ApprovalsUnavailable("No approvals are connected: set TILLHAND_APPROVALS_URL.")

    async def aclose(self) -> None:
        """Holds nothing."""


def _key(speaker: Speaker, tool: str) -> str:
    """The same request again, by the caller's own key, is the same proposal again; without one each is another."""
    if speaker.idempotency_key is None:
        return secrets.token_hex(16)
    told = f"{speaker.tenant}\n{speaker.subject}\n{tool}\n{speaker.idempotency_key}"
    return hashlib.sha256(told.encode()).hexdigest()


@contextmanager
def _speaking(speaker: Speaker) -> Iterator[None]:
    """Have the calls within be made in somebody's name."""
    token = _SPEAKS_FOR.set(speaker)
    try:
        yield
    finally:
        _SPEAKS_FOR.reset(token)
