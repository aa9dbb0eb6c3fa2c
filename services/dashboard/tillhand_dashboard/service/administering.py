"""Accounts and keys, changed by an admin from the console; each change is recorded under their name."""

from __future__ import annotations

from collections.abc import Sequence

from tillhand_common.problems import Conflict, InvalidInput
from tillhand_dashboard import errors
from tillhand_dashboard.domain.accounts import ROLES, Account, Person
from tillhand_dashboard.domain.results import Found, Result
from tillhand_dashboard.ports.accounts import AccountStore
from tillhand_dashboard.ports.keys import KeyForm, Keys, KeyView, MadeKey
from tillhand_dashboard.ports.recording import Changes
from tillhand_dashboard.service.accounts import Accounts


class Administering:
    """What admins do. Nobody bars or demotes themselves, and somebody is left who may administer."""

    def __init__(self, managing: Accounts, accounts: AccountStore, keys: Keys, records: Changes) -> None:
        self._managing = managing
        self._accounts = accounts
        self._records = records
        self.keys = keys

    async def accounts(self) -> Sequence[Account]:
        """Every account, by name."""
        return await self._managing.all()

    async def add(self, person: Person, name: str, role: str) -> str:
        """Make an account; the path of the link by which its owner signs in. Raises `InvalidInput`, `Conflict`."""
        account = await self._managing.add(name, role)
        await self._records.changed(person, "account", account.name, "added", account.role)
        return await self._managing.link(account.name)

    async def link(self, person: Person, name: str) -> str:
        """The path of a new link, in place of the account's others. Raises `UnknownAccount`, `Conflict`."""
        account = await self._known(name)
        if account.subject:
            raise Conflict("This account signs in with the organisation.")
        path = await self._managing.link(name)
        await self._records.changed(person, "account", name, "link_made")
        return path

    async def give(self, person: Person, name: str, role: str) -> None:
        """Give an account another role, at once. Raises `UnknownAccount`, `InvalidInput`, `Conflict`."""
        account = await self._another(person, name)
        if role not in ROLES:
            raise InvalidInput(f"A role is one of {', '.join(ROLES)}.", field="role")
        if account.subject:
            raise Conflict("The provider of identities gives this account its role, anew at each sign-in.")
        await self._accounts.change(name, role=role, keep_an_admin=True)
        await self._records.changed(person, "account", name, "role_changed", role)

    async def enable(self, person: Person, name: str, *, enabled: bool) -> None:
        """Let an account in again, or bar it, which ends its sessions. Raises `UnknownAccount`, `Conflict`."""
        await self._another(person, name)
        await self._accounts.change(name, disabled=not enabled, keep_an_admin=not enabled)
        await self._records.changed(person, "account", name, "enabled" if enabled else "disabled")

    async def create_key(self, person: Person, form: KeyForm) -> Result[MadeKey]:
        """Make a key; its token is in the answer, and nowhere else."""
        made = await self.keys.create(form)
        if isinstance(made, Found):
            await self._records.changed(person, "key", made.value.key.id, "created")
        return made

    async def rotate_key(self, person: Person, key_id: str) -> Result[MadeKey]:
        """Give a key another secret; the former is good no more."""
        made = await self.keys.rotate(key_id)
        if isinstance(made, Found):
            await self._records.changed(person, "key", key_id, "rotated")
        return made

    async def revoke_key(self, person: Person, key_id: str) -> Result[KeyView]:
        """End a key at once and for good."""
        ended = await self.keys.revoke(key_id)
        if isinstance(ended, Found):
            await self._records.changed(person, "key", key_id, "revoked")
        return ended

    async def _another(self, person: Person, name: str) -> Account:
        if name == person.name:
            raise Conflict("Nobody bars themselves, or changes their own role: another admin can.")
        return await self._known(name)

    async def _known(self, name: str) -> Account:
        account = await self._accounts.find(name)
        if account is None:
            raise errors.UnknownAccount
        return account
