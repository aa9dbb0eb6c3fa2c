"""Where it is recorded that somebody signed in, or failed to."""

from __future__ import annotations

from typing import Literal, Protocol

Reason = Literal["password", "unknown", "locked", "throttled", "other"]


class SignIns(Protocol):
    """Is told of every attempt. It neither raises nor keeps anybody waiting."""

    def succeeded(self, name: str) -> None:
        """Somebody is in."""
        ...

    def failed(self, name: str, reason: Reason) -> None:
        """Somebody is not."""
        ...
