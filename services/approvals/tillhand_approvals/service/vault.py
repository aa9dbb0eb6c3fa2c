"""The vault: values as they came, encrypted under a key for each person whom they concern.

Everything else that is kept holds the redacted form. Destroying a person's key erases all that it opened, here and in
every backup.
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
        """Keep a value under its person's key, which is made when it is the first. Raises `ErasedSubject`."""
        wrapped = await unit.key(subject)
        if wrapped == b"":
            raise ErasedSubject
        if wrapped is None:
            wrapped = self._cipher.new_key(unit.tenant, subject)
            await unit.put_key(subject, wrapped, self._cipher.master)
        place = Place(unit.tenant, record, field, subject)
        await unit.seal(record, field, Sealed(subject, self._cipher.seal(wrapped, place, orjson.dumps(value))))

    async def opened(self, view: View, record: str, field: str) -> Any:  # noqa: ANN401  # what was kept
        """A value as it came. Raises `ErasedSubject` where its key was destroyed, `KeyError` where nothing was kept."""
        sealed = await view.sealed(record, field)
        if sealed is None:
            raise KeyError(field)
        wrapped = await view.key(sealed.subject)
        if not wrapped:
            raise ErasedSubject
        place = Place(view.tenant, record, field, sealed.subject)
        return orjson.loads(self._cipher.open(wrapped, place, sealed.ciphertext))
