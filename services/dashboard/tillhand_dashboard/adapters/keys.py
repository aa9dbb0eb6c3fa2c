"""API keys in the key store of the data folder, as `tillhand keys` changes it."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Final, TypeVar

from tillhand_common.key_records import DEFAULT_SCOPES, KINDS, SCOPES, Key, KeyRefused, NewKey, UnknownKey
from tillhand_common.keys import KeyStore, KeyStoreUnreadable
from tillhand_dashboard.domain.results import Failure, Found, Result
from tillhand_dashboard.ports.keys import KeyForm, KeyView, MadeKey

T = TypeVar("T")
ELSEWHERE: Final = frozenset({"act_as"})
"""Whoever holds such a key speaks for anybody: it is made on the machine alone, by `tillhand keys create`."""
OWN: Final = Failure("refused", "The console itself asks with this key.", "On the machine, tillhand keys can.", "", 409)

UNKNOWN: Final = Failure("refused", "There is no such key, or it is revoked already.", status=404)
_ID: Final = re.compile(r"[0-9a-f]{12}")


class StoredKeys:
    """Works on the file in a thread. Keys of `own` ids are shown, and left alone."""

    def __init__(self, store: KeyStore, own: frozenset[str]) -> None:
        self._store = store
        self._own = own

    @property
    def place(self) -> str:
        """Where they are kept."""
        return str(self._store.path)

    @property
    def kinds(self) -> Mapping[str, Sequence[str]]:
        """Each kind, with the scopes that it has where nothing else is said."""
        return {kind: sorted(DEFAULT_SCOPES[kind] - ELSEWHERE) for kind in KINDS}

    @property
    def scopes(self) -> Mapping[str, str]:
        """Each scope that can be given here, and what it allows."""
        return {scope: meaning for scope, meaning in SCOPES.items() if scope not in ELSEWHERE}

    async def all(self) -> Result[Sequence[KeyView]]:
        """Every key, revoked ones too, the newest first."""
        return await _done(lambda: [self._view(each) for each in reversed(self._store.list())])

    async def create(self, form: KeyForm) -> Result[MadeKey]:
        """Make a key."""
        if form.kind not in KINDS or not set(form.scopes) <= self.scopes.keys():
            return Failure("refused", "There is no such kind of key, or no such scope.", status=422)
        kind, scopes = form.kind, form.scopes or self.kinds[form.kind]
        return await _done(
            lambda: self._made(self._store.create(form.name, kind, scopes=scopes, collections=form.collections or None))
        )

    async def rotate(self, key_id: str) -> Result[MadeKey]:
        """Give a key another secret; the former is good no more."""
        return self._barred(key_id) or await _done(lambda: self._made(self._rotated(key_id)))

    async def revoke(self, key_id: str) -> Result[KeyView]:
        """End a key at once and for good."""
        return self._barred(key_id) or await _done(lambda: self._view(self._store.revoke(key_id)))

    def _barred(self, key_id: str) -> Failure | None:
        if _ID.fullmatch(key_id) is None:
            return UNKNOWN
        return OWN if key_id in self._own else None

    def _rotated(self, key_id: str) -> NewKey:
        """Raises `KeyRefused` for a key whose token would let its reader speak for anybody."""
        if any(each.id == key_id and each.scopes & ELSEWHERE for each in self._store.list()):
            raise KeyRefused("scopes", "a key that may speak for others is rotated on the machine, by tillhand keys")
        return self._store.rotate(key_id)

    def _made(self, made: NewKey) -> MadeKey:
        return MadeKey(self._view(made.key), made.token)

    def _view(self, key: Key) -> KeyView:
        return KeyView(
            id=key.id,
            name=key.name,
            kind=key.kind,
            scopes=sorted(key.scopes),
            collections=None if key.collections is None else sorted(key.collections),
            created_at=key.created_at,
            rotated_at=key.rotated_at,
            revoked_at=key.revoked_at,
            own=key.id in self._own,
        )


async def _done(work: Callable[[], T]) -> Result[T]:
    try:
        return Found(await asyncio.to_thread(work))
    except KeyRefused as error:
        return Failure("refused", f"{error}.", slug=error.field, status=422)
    except UnknownKey:
        return UNKNOWN
    except KeyStoreUnreadable as error:
        return Failure("unreadable", f"The key store: {error}.", "Put a backup of it back.")
    except OSError as error:
        return Failure("away", f"The key store cannot be written: {(error.strerror or '').lower()}.")
