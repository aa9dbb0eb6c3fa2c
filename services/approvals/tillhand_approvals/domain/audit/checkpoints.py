"""Checkpoints: the head of a tenant's record at a moment, signed, so that no rewritten or shortened record passes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from tillhand_approvals.domain.canonical import canonical


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """`signature` is Ed25519 over `signed_bytes`, in hexadecimal; `key` is the SHA-256 of the public key, 32 digits."""

    tenant: str
    sequence: int
    hash: str
    time: str
    key: str
    signature: str = ""

    @property
    def signed_bytes(self) -> bytes:
        """The canonical JSON of everything but the signature."""
        return canonical({name: value for name, value in asdict(self).items() if name != "signature"})

    @property
    def body(self) -> dict[str, Any]:
        """The checkpoint as JSON."""
        return asdict(self)


def checkpoint_of(body: Mapping[str, Any]) -> Checkpoint:
    """The checkpoint of a JSON object. Raises `ValueError` where it is none."""
    texts = ("tenant", "hash", "time", "key", "signature")
    if not isinstance(body.get("sequence"), int) or any(not isinstance(body.get(name), str) for name in texts):
        raise ValueError("this is no checkpoint")
    return Checkpoint(**{name: body[name] for name in (*texts, "sequence")})
