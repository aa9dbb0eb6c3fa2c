"""Signing in: by a password, by a link, or by a provider of identities."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from tillhand_common.clock import Clock
from tillhand_common.problems import InvalidInput
from tillhand_dashboard import errors
from tillhand_dashboard.domain.accounts import LONGEST_PASSWORD, NAME, Account, Person, Role, weakness
from tillhand_dashboard.domain.throttling import FREE, FREE_OF_AN_ADDRESS, Throttle
from tillhand_dashboard.ports.accounts import AccountStore, Passwords, SessionStore
from tillhand_dashboard.ports.identities import Identity
from tillhand_dashboard.ports.recording import Records
from tillhand_dashboard.service.accounts import Accounts
from tillhand_dashboard.service.sessions import digest

UNKNOWN: Final = "unknown"


class SigningIn:
    """Says whose account it is. Each attempt is told to `records`, who writes it into the audit log."""

    def __init__(
        self,
        accounts: AccountStore,
        links: SessionStore,
        passwords: Passwords,
        managing: Accounts,
        records: Records,
        clock: Clock,
    ) -> None:
        self._accounts = accounts
        self._links = links
        self._passwords = passwords
        self._managing = managing
        self._records = records
        self._clock = clock
        self._throttle = Throttle()

    async def by_password(self, name: str, password: str, address: str) -> Account:
        """Raises `SignInFailed`, `TooManyAttempts`."""
        name = name.strip().lower()
        subjects = {f"name {name[:64]}": FREE, f"address {address}": FREE_OF_AN_ADDRESS}
        self._wait(subjects)
        account = await self._accounts.find(name) if NAME.fullmatch(name) else None
        kept = await self._accounts.password_hash(name) if account is not None and not account.disabled else None
        if not await self._passwords.matches(password[:LONGEST_PASSWORD], kept) or account is None or kept is None:
            for subject in subjects:
                self._throttle.wrong(subject, self._clock.monotonic())
            self._records.failed(name or UNKNOWN, "password" if account is not None else "unknown")
            raise errors.SignInFailed
        for subject in subjects:
            self._throttle.right(subject)
        if self._passwords.outdated(kept):
            await self._accounts.set_password(name, await self._passwords.hashed(password))
        self._records.succeeded(name)
        return account

    async def link_owner(self, token: str) -> str:
        """Whose a link is; it stays good. Raises `LinkUsed`."""
        name = await self._links.link(digest(token), self._clock.now(), take=False)
        if name is None:
            raise errors.LinkUsed
        return name

    async def by_link(self, token: str, password: str) -> Account:
        """Use up a link, and set a password, if one is given. Raises `LinkUsed`, `InvalidInput`."""
        name = await self.link_owner(token)
        if password and (weak := weakness(name, password)):
            raise InvalidInput(weak, field="password")
        hashed = await self._passwords.hashed(password) if password else ""
        taken = await self._links.link(digest(token), self._clock.now(), take=True)
        account = await self._accounts.find(taken) if taken is not None else None
        if account is None or account.disabled:
            raise errors.LinkUsed
        if hashed:
            await self._accounts.set_password(account.name, hashed)
        await self._links.end_all(account.name)
        self._records.succeeded(account.name)
        return account

    async def account(self, person: Person) -> Account | None:
        """Somebody's own account."""
        return await self._accounts.find(person.name)

    async def change_password(self, person: Person, present: str, password: str, address: str) -> Account:
        """Set somebody's own password, and end all their sessions. Who has one has to say it.

        Raises `SignInFailed` for a wrong one, `TooManyAttempts`, `InvalidInput`, and `NotAllowed` for an account of
        the provider of identities, which has none here.
        """
        account = await self._accounts.find(person.name)
        if account is None or account.subject:
            raise errors.NotAllowed("You sign in with your organisation: your password is changed there.")
        if account.has_password:
            await self._confirm(account, present, address)
        if weak := weakness(account.name, password):
            raise InvalidInput(weak, field="password")
        await self._accounts.set_password(account.name, await self._passwords.hashed(password))
        await self._links.end_all(account.name)
        await self._records.changed(person, "account", account.name, "password_changed")
        return account

    async def _confirm(self, account: Account, password: str, address: str) -> None:
        """Raises `SignInFailed` unless it is the account's password; wrong ones count as those of a sign-in."""
        subjects = {f"name {account.name}": FREE, f"address {address}": FREE_OF_AN_ADDRESS}
        self._wait(subjects)
        kept = await self._accounts.password_hash(account.name)
        if not await self._passwords.matches(password[:LONGEST_PASSWORD], kept):
            for subject in subjects:
                self._throttle.wrong(subject, self._clock.monotonic())
            self._records.failed(account.name, "password")
            raise errors.SignInFailed

    async def by_provider(self, identity: Identity, role: Role) -> Account:
        """Whom the provider vouches for, known from then on, with the role that it gives today.

        Raises `ProviderRefused` for a name that another account has: those are never joined by name.
        """
        account = await self._accounts.of_subject(identity.subject)
        if account is None:
            if await self._accounts.find(identity.name) is not None:
                self._records.failed(identity.name, "other")
                raise errors.ProviderRefused("There is an account of this name that is not the provider's.")
            account = await self._managing.add(identity.name, role, subject=identity.subject)
        if account.disabled:
            self._records.failed(account.name, "locked")
            raise errors.ProviderRefused("This account is disabled.")
        await self._accounts.change(account.name, role=role)
        self._records.succeeded(account.name)
        return account

    def _wait(self, subjects: Mapping[str, int]) -> None:
        now_s = self._clock.monotonic()
        wait_s = max(self._throttle.wait_s(subject, now_s, free) for subject, free in subjects.items())
        if wait_s > 0:
            raise errors.TooManyAttempts("Too many attempts have failed. Wait a while.", retry_after_s=wait_s)
