"""API keys: made, listed, rotated and revoked in one small file that every process sees change.

A token reads `th_<kind>_<id>_<secret>`. Its secret is 256 random bits, so it is kept as a plain SHA-256: nobody can
enumerate 2²⁵⁶ inputs, and a slow password hash would only slow down every request. The file is replaced
atomically under a lock, and a reader notices by a `stat` each time it is asked: what another process changed holds
from the next question on.
"""

import os
import pwd
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Final

import structlog
from pydantic import SecretStr, ValidationError

from tillhand_common import private_files
from tillhand_common.clock import Clock, SystemClock
from tillhand_common.key_records import (
    DEFAULT_SCOPES,
    KINDS,
    SCOPES,
    TOKEN,
    Change,
    Contents,
    Done,
    Entry,
    Key,
    KeyRefused,
    KeyStoreError,
    KeyStoreUnreadable,
    Kind,
    NewKey,
    UnknownKey,
    What,
    digest,
    new_key,
    new_token,
    secret_of,
)

__all__ = [
    "DEFAULT_SCOPES",
    "KINDS",
    "SCOPES",
    "Change",
    "Key",
    "KeyRefused",
    "KeyStore",
    "KeyStoreError",
    "KeyStoreUnreadable",
    "Kind",
    "NewKey",
    "UnknownKey",
    "bootstrap",
    "read_token",
    "store_path",
    "token_path",
]


HISTORY: Final = 1000
"""How many changes are remembered."""

_log: Final = structlog.get_logger(__name__)


def store_path(data_dir: Path, keys_file: Path | None = None) -> Path:
    """Return where keys are kept: `keys_file` when it is set, else in the data folder."""
    return keys_file or data_dir / "keys.json"


class KeyStore:
    """The keys in one file (mode 0600). Safe for any number of processes on one machine.

    Every method raises KeyStoreUnreadable when the file cannot be understood; a missing file holds no keys.
    `tokens` is the folder in which the first start left its tokens: by default `keys` beside the file.
    """

    def __init__(self, path: Path, *, tokens: Path | None = None, clock: Clock | None = None) -> None:
        self.path = path
        self._tokens = tokens or path.parent / "keys"
        self._clock = clock or SystemClock()
        self._seen: private_files.Signature | None = None
        self._entries: Mapping[str, Entry] = {}

    def authenticate(self, token: str) -> Key | None:
        """Return the active key that `token` belongs to, or None. Costs a `stat`, a hash and a compare."""
        match = TOKEN.fullmatch(token)
        entry = self._current().get(match[2]) if match else None
        if match is None or entry is None or entry.key.revoked_at is not None or entry.key.kind != match[1]:
            return None
        sha256, now = digest(token), self._clock.now()
        return entry.key if any(secret.matches(sha256, now) for secret in entry.secrets) else None

    def list(self) -> tuple[Key, ...]:
        """List all keys, revoked ones too, oldest first."""
        return tuple(entry.key for entry in self._current().values())

    def history(self) -> tuple[Change, ...]:
        """List the latest changes, oldest first. Each was written together with what it tells of."""
        return self._read().history

    def any_active(self) -> bool:
        """Tell whether any key can be used."""
        return any(key.revoked_at is None for key in self.list())

    def create(
        self,
        name: str,
        kind: Kind,
        *,
        tenant: str = "default",
        collections: Iterable[str] | None = None,
        scopes: Iterable[str] | None = None,
    ) -> NewKey:
        """Make a key. `collections` None means all, `scopes` None means the defaults of its kind. Raises KeyRefused."""
        made = new_key(name, kind, tenant, collections, scopes, self._clock.now())

        def add(entries: dict[str, Entry]) -> Sequence[Done]:
            if any(entry.key.name == name and entry.key.revoked_at is None for entry in entries.values()):
                raise KeyRefused("name", "an active key has this name already")
            entries[made.key.id] = Entry(key=made.key, secrets=(secret_of(made.token),))
            return [("created", made.key)]

        self._change(add)
        return made

    def rotate(self, ref: str, *, grace_s: float = 0.0) -> NewKey:
        """Give the key with this id or name a new secret; the old one stays good for `grace_s`. Raises UnknownKey.

        Where the first start left this key's token in a file, the file gets the new one.
        """
        now = self._clock.now()
        made: list[NewKey] = []

        def replace(entries: dict[str, Entry]) -> Sequence[Done]:
            entry = _active(entries, ref)
            key = entry.key.model_copy(update={"rotated_at": now})
            made.append(NewKey(key, new_token(key)))
            old = entry.secrets[0].model_copy(update={"until": now + timedelta(seconds=grace_s)})
            kept = (old,) if grace_s > 0 else ()
            entries[key.id] = Entry(key=key, secrets=(secret_of(made[0].token), *kept))
            return [("rotated", key)]

        self._change(replace, lambda: self._renew_file(made[0]))
        return made[0]

    def revoke(self, ref: str) -> Key:
        """End the key with this id or name at once and for good; it stays listed. Raises UnknownKey."""
        now = self._clock.now()
        ended: list[Key] = []

        def end(entries: dict[str, Entry]) -> Sequence[Done]:
            key = _active(entries, ref).key.model_copy(update={"revoked_at": now})
            entries[key.id] = Entry(key=key, secrets=())
            ended.append(key)
            return [("revoked", key)]

        self._change(end)
        return ended[0]

    def bootstrap(self, folder: Path) -> tuple[Path, ...]:
        """Create one key of each kind, with its token in `folder/<kind>.key`, unless there has ever been a key.

        Returns the files written. They come before the store, so a start that was cut short is made up for.
        """
        written: list[Path] = []

        def begin(entries: dict[str, Entry]) -> Sequence[Done]:
            begun: list[Done] = []
            for kind in () if entries else KINDS:
                made = new_key(kind, kind, "default", None, None, self._clock.now())
                private_files.write(token_path(folder, kind), f"{made.token}\n".encode())
                entries[made.key.id] = Entry(key=made.key, secrets=(secret_of(made.token),))
                written.append(token_path(folder, kind))
                begun.append(("created", made.key))
            return begun

        if not self._current():
            self._change(begin)
        return tuple(written)

    def _current(self) -> Mapping[str, Entry]:
        signature = private_files.signature(self.path)
        if signature != self._seen:
            self._entries, self._seen = _by_id(self._read()), signature
        return self._entries

    def _read(self) -> Contents:
        try:
            return Contents.model_validate_json(self.path.read_bytes())
        except FileNotFoundError:
            return Contents()
        except ValidationError as error:
            raise KeyStoreUnreadable(f"{self.path.name} is not a key store of ours") from error
        except OSError as error:
            raise KeyStoreUnreadable(f"{self.path.name} cannot be read: {(error.strerror or '').lower()}") from error

    def _told(self, what: What, key: Key) -> Change:
        return Change(at=self._clock.now(), what=what, key=key.id, name=key.name, scopes=key.scopes, by=_user())

    def _renew_file(self, made: NewKey) -> None:
        file = token_path(self._tokens, made.key.kind)
        try:
            match = TOKEN.fullmatch(file.read_text(encoding="ascii", errors="replace").strip())
            if match and match[2] == made.key.id:
                private_files.write(file, f"{made.token}\n".encode())
        except FileNotFoundError:
            return  # nobody relies on it
        except OSError as error:  # the key has changed already, and its owner must get to see it
            _log.warning("token_file_not_renewed", file=str(file), reason=error.strerror)

    def _change(
        self, change: Callable[[dict[str, Entry]], Sequence[Done]], then: Callable[[], None] = lambda: None
    ) -> None:
        with private_files.locked(self.path):
            before = self._read()
            entries = _by_id(before)
            told = tuple(self._told(*done) for done in change(entries))
            contents = Contents(entries=tuple(entries.values()), history=(*before.history, *told)[-HISTORY:])
            private_files.write(self.path, contents.model_dump_json(indent=1).encode())
            then()


def _by_id(contents: Contents) -> dict[str, Entry]:
    return {entry.key.id: entry for entry in contents.entries}


def _user() -> str:
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:  # a container's user need not have a name
        return str(os.getuid())


def bootstrap(data_dir: Path, keys_file: Path | None = None) -> tuple[Path, ...]:
    """Create the first agent, service and operator key, once, as files `data_dir/keys/<kind>.key` of mode 0600.

    Returns the files written: none at any later start. Any number of services may start at the same time.
    """
    return KeyStore(store_path(data_dir, keys_file)).bootstrap(data_dir / "keys")


def token_path(folder: Path, kind: Kind) -> Path:
    """Return where the first start leaves the token of this kind."""
    return folder / f"{kind}.key"


def read_token(data_dir: Path, kind: Kind) -> str | None:
    """Return the token that the first start left for this kind, or None when its file is gone."""
    try:
        return token_path(data_dir / "keys", kind).read_text(encoding="ascii").strip()
    except FileNotFoundError:
        return None


def service_key(given: SecretStr | None, data_dir: Path) -> SecretStr | None:
    """Return the key with which a service asks others: the one that is set, or that the first start left here."""
    if given is not None:
        return given
    kept = read_token(data_dir, "service")
    return None if kept is None else SecretStr(kept)


def _active(entries: Mapping[str, Entry], ref: str) -> Entry:
    for entry in entries.values():
        if entry.key.revoked_at is None and ref in (entry.key.id, entry.key.name):
            return entry
    raise UnknownKey(f"no active key has the id or name {ref}")
