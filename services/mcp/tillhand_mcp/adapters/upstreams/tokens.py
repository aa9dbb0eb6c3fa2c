"""Access tokens that run out: asked for once by many at a time, and in good time before they do."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final, Protocol

from pydantic import SecretStr

from tillhand_common.clock import Clock
from tillhand_common.http import UpstreamResponse
from tillhand_mcp.adapters.upstreams.agreed import as_agreed

EARLY_S: Final = 60.0
"""How long before its end a token is no longer used: a call that begins with it must be able to end with it."""


@dataclass(frozen=True, slots=True)
class Token:
    """A token, and the seconds that it is good for."""

    value: SecretStr
    lifetime_s: float


def granted(answer: UpstreamResponse, lifetime_s: float) -> Token:
    """The token of an answer (RFC 6749, 5.1); `lifetime_s` where it does not say. Raises `UpstreamProtocolError`."""
    with as_agreed(answer.upstream):
        found = answer.json()
        value = found["access_token"]
        if not isinstance(value, str) or not value:
            raise ValueError("no token")
        return Token(SecretStr(value), float(found.get("expires_in") or lifetime_s))


class Tokens(Protocol):
    """Where a token comes from."""

    async def current(self) -> str:
        """One that is good now. Raises `UpstreamError`."""
        ...

    def forget(self, value: str) -> None:
        """This one was refused: ask for another the next time."""
        ...


class FixedToken:
    """A token that does not run out."""

    def __init__(self, value: SecretStr) -> None:
        self._value = value

    async def current(self) -> str:
        """It, always."""
        return self._value.get_secret_value()

    def forget(self, value: str) -> None:
        """There is no other."""


class RenewedTokens:
    """Tokens of a grant: `renew` gets another."""

    def __init__(self, renew: Callable[[], Awaitable[Token]], clock: Clock) -> None:
        self._renew = renew
        self._clock = clock
        self._held: Token | None = None
        self._good_until_s = 0.0
        self._renewing = asyncio.Lock()

    async def current(self) -> str:
        """The one that is held, or another where it is about to end. Raises what the grant does."""
        async with self._renewing:
            if self._held is None or self._clock.monotonic() >= self._good_until_s:
                held = await self._renew()
                self._good_until_s = self._clock.monotonic() + max(0.0, held.lifetime_s - EARLY_S)
                self._held = held
            return self._held.value.get_secret_value()

    def forget(self, value: str) -> None:
        """Ask again, unless another has been had since."""
        if self._held is not None and self._held.value.get_secret_value() == value:
            self._held = None
