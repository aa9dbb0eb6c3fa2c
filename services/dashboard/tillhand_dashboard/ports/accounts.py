"""What the sign-in needs to keep, and how passwords are hashed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from tillhand_dashboard.domain.accounts import Account


@dataclass(frozen=True, slots=True)
class Session:
    """Somebody's being signed in: since when, used last, and when it ends at the latest."""

    account: Account
    begun_at: datetime
    used_at: datetime
    ends_at: datetime


class AccountStore(Protocol):
    """Keeps accounts. Tokens are known by their digest alone."""

    async def all(self) -> Sequence[Account]:
        """Every account, by name."""
        ...

    async def find(self, name: str) -> Account | None:
        """The account of this name."""
        ...

    async def of_subject(self, subject: str) -> Account | None:
        """The account of somebody whom the provider of identities knows by this name."""
        ...

    async def add(self, account: Account) -> bool:
        """Keep a new account; False where there is one of that name."""
        ...

    async def change(self, name: str, *, role: str | None = None, disabled: bool | None = None) -> bool:
        """Give an account another role, or bar it, which ends its sessions; False where there is none."""
        ...

    async def password_hash(self, name: str) -> str | None:
        """The hash of an account's password, if it has one."""
        ...

    async def set_password(self, name: str, hashed: str) -> None:
        """Keep another hash."""
        ...


class SessionStore(Protocol):
    """Keeps sessions and sign-in links, by the digest of their token."""

    async def begin(self, digest: str, name: str, now: datetime, ends_at: datetime) -> None:
        """Keep a session; those that are over are forgotten."""
        ...

    async def session(self, digest: str) -> Session | None:
        """A session with its account, ended or not."""
        ...

    async def used(self, digest: str, now: datetime) -> None:
        """A session was used."""
        ...

    async def end(self, digest: str) -> None:
        """Forget a session."""
        ...

    async def end_all(self, name: str) -> None:
        """Forget all sessions of an account."""
        ...

    async def put_link(self, digest: str, name: str, ends_at: datetime) -> None:
        """Keep a sign-in link in place of the account's others."""
        ...

    async def link(self, digest: str, now: datetime, *, take: bool) -> str | None:
        """Whose a link is that is still good; `take` uses it up."""
        ...


class Passwords(Protocol):
    """Hashes passwords."""

    async def hashed(self, password: str) -> str:
        """A hash to keep."""
        ...

    async def matches(self, password: str, kept: str | None) -> bool:
        """Whether it is the one; without a hash as slow as with one, so that time tells no names."""
        ...

    def outdated(self, kept: str) -> bool:
        """Whether a hash was made with other parameters than one would be today."""
        ...
