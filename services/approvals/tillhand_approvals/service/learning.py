"""The redactor learns what the shop sells, so that it takes no brand for a person."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

import structlog

from tillhand_approvals.domain.canonical import digest_of
from tillhand_approvals.errors import RedactorUnavailable, StoreUnavailable
from tillhand_approvals.ports.ledger import Catalogue, Ledger
from tillhand_approvals.ports.redaction import Redactor
from tillhand_approvals.service.callers import Caller
from tillhand_common.clock import Clock

EVERY_S: Final = 30.0
"""How soon a replica knows what another has learned."""

_log = structlog.get_logger(__name__)


class Learning:
    """Keeps catalogues, and has the redactor know them."""

    def __init__(self, *, ledger: Ledger, clock: Clock, redactor: Redactor) -> None:
        self._ledger = ledger
        self._clock = clock
        self._redactor = redactor
        self._known: dict[str, str] = {}

    async def learn(self, caller: Caller, names: Collection[str]) -> Catalogue:
        """Have exactly these be the names of what the shop sells; a change is on record."""
        wanted = tuple(sorted({name.strip() for name in names if name.strip()}))
        catalogue = Catalogue(digest_of({"names": list(wanted)}), self._clock.now(), wanted)
        async with self._ledger.writing(caller.tenant) as unit:
            present = await unit.catalogue()
            if present is not None and present.digest == catalogue.digest:
                catalogue = present
            else:
                await unit.put_catalogue(catalogue)
                data = {"names": len(wanted), "digest": catalogue.digest}
                await unit.append(caller.entry("catalogue.learned", data))
        await self._tell(caller.tenant, catalogue)
        return catalogue

    async def catalogue(self, caller: Caller) -> Catalogue | None:
        """What has been learned."""
        async with self._ledger.reading(caller.tenant) as view:
            return await view.catalogue()

    async def run(self) -> None:
        """Learn what is kept, and what other replicas are told, until cancelled."""
        while True:
            try:
                await self.refresh()
            except (StoreUnavailable, RedactorUnavailable) as error:
                _log.warning("learning_waits", reason=type(error).__name__)
            await self._clock.sleep(EVERY_S)

    async def refresh(self) -> None:
        """Learn what is kept and not yet known. Raises `StoreUnavailable` or `RedactorUnavailable`."""
        for tenant, digest in (await self._ledger.catalogues()).items():
            if self._known.get(tenant) != digest:
                async with self._ledger.reading(tenant) as view:
                    catalogue = await view.catalogue()
                if catalogue is not None:
                    await self._tell(tenant, catalogue)

    async def _tell(self, tenant: str, catalogue: Catalogue) -> None:
        await self._redactor.learn(tenant, catalogue.names)
        self._known[tenant] = catalogue.digest
