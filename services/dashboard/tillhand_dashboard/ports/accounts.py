"""What the sign-in needs to keep, and how passwords are hashed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from tillhand_dashboard.domain.accounts import Account


@dataclass(frozen=True, slots=True)
class Origin:
    """From where somebody signs in: the address, and the browser in a few words."""

    address: str = ""
    browser: str = ""


@dataclass(frozen=True, slots=True)
class Session:
    """Somebody's being signed in: since when, used last, when it ends at the latest, from where, and its public id."""

    account: Account
    begun_at: datetime
    used_at: datetime
    ends_at: datetime
    origin: Origin = Origin()
    id: str = ""


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

    async def change(
        self, name: str, *, role: str | None = None, disabled: bool | None = None, keep_an_admin: bool = False
    ) -> bool:
        """Give an account another role, or bar it, which ends its sessions; False where there is none.

        With `keep_an_admin` raises `Conflict` where nobody would be left who may administer.
        """
        ...

    async def password_hash(self, name: str) -> str | None:
        """The hash of an account's password, if it has one."""
        ...

    async def set_password(self, name: str, hashed: str) -> None:
        """Keep another hash."""
        ...


class SessionStore(Protocol):
    """Keeps sessions and sign-in links, by the digest of their token."""

    async def begin(self, digest: str, name: str, now: datetime, ends_at: datetime, origin: Origin) -> None:
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

    async def of(self, name: str) -> Sequence[Session]:
        """Every session of an account, ended or not, the newest first."""
        ...

    async def end_one(self, name: str, session_id: str) -> bool:
        """Forget the session of this account with this id; False where there is none."""
        ...

    async def end_all(self, name: str, *, but: str = "") -> int:
        """Forget all sessions of an account, but the one with this digest; how many there were."""
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
