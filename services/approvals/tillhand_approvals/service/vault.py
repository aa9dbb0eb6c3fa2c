"""The vault: values as they came, encrypted under a key for each person whom they concern.

Everything else that is kept holds the redacted form. Destroying a person's key erases all that it opened; a backup
from before holds the key still.
"""

from __future__ import annotations

from typing import Any, Final

import orjson

from tillhand_approvals.errors import ErasedSubject
from tillhand_approvals.ports.ledger import Sealed, Unit, View
from tillhand_approvals.ports.sealing import Cipher, Place

ENTIRE: Final = "entire"
"""The field that holds justification and evidence as they came."""
IDENTITY: Final = "identity"
"""The field that says who stands behind a pseudonym."""


class Vault:
    """Seals and opens values within a transaction."""

    def __init__(self, cipher: Cipher) -> None:
        self._cipher = cipher

    async def keep(self, unit: Unit, record: str, field: str, subject: str, value: object) -> None:
        """Keep a value under its person's key; where there is none, also after an erasure, a new one is made."""
        wrapped = await unit.key(subject)
        if not wrapped:
            wrapped = self._cipher.new_key(unit.tenant, subject)
            await unit.put_key(subject, wrapped, self._cipher.master)
        place = Place(unit.tenant, record, field, subject)
        await unit.seal(record, field, Sealed(subject, self._cipher.seal(wrapped, place, orjson.dumps(value))))

    async def opened(self, view: View, record: str, field: str) -> Any:  # noqa: ANN401  # what was kept
        """A value as it came. Raises `ErasedSubject` where it is no longer there, or `SealBroken`."""
        sealed = await view.sealed(record, field)
        wrapped = None if sealed is None else await view.key(sealed.subject)
        if sealed is None or not wrapped:
            raise ErasedSubject
        place = Place(view.tenant, record, field, sealed.subject)
        return orjson.loads(self._cipher.open(wrapped, place, sealed.ciphertext))
