"""Ed25519 keys that sign checkpoints, and the file that the checkpoints go to."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from tillhand_approvals.domain.audit import Checkpoint, checkpoint_of
from tillhand_common.actor import bootstrap_signing_key, load_private_key, load_public_keys, thumbprint
from tillhand_common.lifecycle import StartupError


class Ed25519Signer:
    """Signs with one key; knows others that have signed before it."""

    def __init__(self, key: Ed25519PrivateKey, known: Iterable[Ed25519PublicKey] = ()) -> None:
        self._key = key
        self._name = thumbprint(key.public_key())
        self._known = PublicKeys([key.public_key(), *known])

    def sign(self, checkpoint: Checkpoint) -> Checkpoint:
        """The checkpoint with the key's name and its signature."""
        named = replace(checkpoint, key=self._name)
        return replace(named, signature=self._key.sign(named.signed_bytes).hex())

    def signed(self, checkpoint: Checkpoint) -> bool:
        """Whether a signature is good, of a key that is known here."""
        return self._known.signed(checkpoint)


class PublicKeys:
    """Keys by which anybody verifies."""

    def __init__(self, keys: Iterable[Ed25519PublicKey]) -> None:
        self._keys = {thumbprint(key): key for key in keys}

    def signed(self, checkpoint: Checkpoint) -> bool:
        """Whether a signature is good, of one of these keys."""
        key = self._keys.get(checkpoint.key)
        if key is None:
            return False
        try:
            key.verify(bytes.fromhex(checkpoint.signature), checkpoint.signed_bytes)
        except (InvalidSignature, ValueError):
            return False
        return True


def load_signer(folder: Path) -> Ed25519Signer:
    """The key of a folder, made when there is none; `audit.pub` there may hold earlier ones. Raises `StartupError`."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    private = bootstrap_signing_key(folder, "audit")
    try:
        return Ed25519Signer(load_private_key(private), load_public_keys(private.with_suffix(".pub")))
    except (OSError, ValueError) as error:
        raise StartupError(f"{folder} holds no signing key: restore it from a backup.") from error


class CheckpointJournal:
    """Checkpoints, one JSON object a line, only ever appended to."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()

    def append(self, checkpoint: Checkpoint) -> None:
        """Keep one, on disk when this returns. Raises `OSError`."""
        line = json.dumps(checkpoint.body, separators=(",", ":")) + "\n"
        with self._lock, self._path.open("ab+") as file:
            if file.tell() and not self._ends_whole(file):
                file.write(b"\n")  # the line before was cut off; it shall not swallow this one
            file.write(line.encode())
            file.flush()
            os.fsync(file.fileno())

    @staticmethod
    def _ends_whole(file: BinaryIO) -> bool:
        file.seek(-1, os.SEEK_END)
        return file.read(1) == b"\n"

    def read(self, tenant: str) -> Sequence[Checkpoint]:
        """All of a tenant, in order; a last line that was cut off is none. Raises `OSError`."""
        return [each for each in read_checkpoints(self._path) if each.tenant == tenant]

    def tenants(self) -> AbstractSet[str]:
        """Whose checkpoints there are. Raises `OSError`."""
        return {each.tenant for each in read_checkpoints(self._path)}


def read_checkpoints(path: Path) -> list[Checkpoint]:
    """The checkpoints of a file: a line each, or the answer of `GET /v1/audit/checkpoints`. Raises `OSError`."""
    if not path.exists():
        return []
    text = path.read_text("utf-8")
    found = []
    for line in _lines(text):
        try:
            found.append(checkpoint_of(json.loads(line)))
        except (ValueError, AttributeError):
            continue  # a line that was being written when the power went
    return found


def _lines(text: str) -> list[str]:
    try:
        answered = json.loads(text)
        return [json.dumps(each) for each in answered["items"]]
    except (ValueError, KeyError, TypeError):
        return text.splitlines()
