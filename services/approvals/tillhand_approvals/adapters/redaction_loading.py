"""The redactor while it is being loaded: its libraries take as long as the rest of the service.

The service begins to answer meanwhile. Whatever is to be redacted waits; nothing passes unredacted.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Self

import structlog

from tillhand_approvals.errors import RedactorUnavailable
from tillhand_approvals.ports.redaction import Redacted
from tillhand_common.health import OK, CheckResult

if TYPE_CHECKING:
    from tillhand_approvals.adapters.redaction.redactor import ThreadedRedactor

UNASKED_S: Final = 1.0
"""Seconds after which it is loaded although nobody has asked."""

_log = structlog.get_logger(__name__)


class LoadingRedactor:
    """Opens the redactor of a folder in the background; every method waits for it, or raises `RedactorUnavailable`."""

    def __init__(self, folder: Path, *, ner: str | None = None) -> None:
        self._asked = asyncio.Event()
        self._loading = asyncio.create_task(self._load(folder, ner), name="load the redactor")
        self._loading.add_done_callback(_tell)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        """End its threads; loading cannot be broken off and comes to its end first."""
        self._asked.set()
        await asyncio.wait({self._loading})
        if self._loading.exception() is None:  # one that could not be loaded has nothing to close
            await self._loading.result().aclose()

    async def redact(self, tenant: str, value: Any) -> Redacted:  # noqa: ANN401  # any JSON
        """The value in its redacted form."""
        return await (await self._loaded()).redact(tenant, value)

    async def pseudonym(self, tenant: str, subject: str) -> str:
        """The stable name that stands for a person within a tenant."""
        return await (await self._loaded()).pseudonym(tenant, subject)

    async def learn(self, tenant: str, names: Collection[str]) -> None:
        """Have exactly these be the names of the tenant's catalogue."""
        await (await self._loaded()).learn(tenant, names)

    async def check(self) -> CheckResult:
        """Whether it is there."""
        if not self._loading.done():
            return CheckResult("degraded", "The redactor is being loaded; what needs it waits.")
        if self._loading.exception() is not None:
            return CheckResult("failed", "The redactor could not be loaded; nothing is taken in.")
        return OK

    async def _load(self, folder: Path, ner: str | None) -> ThreadedRedactor:
        """Begin when somebody asks, or else once the service answers: two that load at once are slower than one."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(UNASKED_S):
                await self._asked.wait()
        return await asyncio.to_thread(_open, folder, ner)

    async def _loaded(self) -> ThreadedRedactor:
        self._asked.set()
        try:
            return await asyncio.shield(self._loading)
        except Exception as error:  # whatever broke the loading: nothing passes
            raise RedactorUnavailable from error


def _open(folder: Path, ner: str | None) -> ThreadedRedactor:
    from tillhand_approvals.adapters.redaction.redactor import open_redactor  # noqa: PLC0415  # that is the long part

    return open_redactor(folder, ner=ner)


def _tell(loading: asyncio.Task[ThreadedRedactor]) -> None:
    if not loading.cancelled() and (error := loading.exception()) is not None:
        _log.error("redactor_not_loaded", reason=type(error).__name__)
