"""Signatures of checkpoints."""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from typing import Protocol

from tillhand_approvals.domain.audit import Checkpoint


class Signer(Protocol):
    """Signs checkpoints, and knows the keys that have signed earlier ones."""

    def sign(self, checkpoint: Checkpoint) -> Checkpoint:
        """The checkpoint with the key's name and its signature."""
        ...

    def signed(self, checkpoint: Checkpoint) -> bool:
        """Whether a signature is good, of a key that is known here."""
        ...


class CheckpointFile(Protocol):
    """Where checkpoints are kept outside the database."""

    def append(self, checkpoint: Checkpoint) -> None:
        """Keep one, on disk when this returns. Raises `OSError`."""
        ...

    def read(self, tenant: str) -> Sequence[Checkpoint]:
        """All of a tenant. Raises `OSError`."""
        ...

    def tenants(self) -> AbstractSet[str]:
        """Whose checkpoints there are. Raises `OSError`."""
        ...
