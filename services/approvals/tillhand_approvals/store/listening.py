"""PostgreSQL tells every replica whose record has grown; what it does not tell, the feed's safety poll finds."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

import structlog
from sqlalchemy import make_url

from tillhand_approvals.store.units import CHANNEL

if TYPE_CHECKING:
    import asyncpg

AGAIN_S: Final = 1.0
CHECK_S: Final = 10.0

_log = structlog.get_logger(__name__)


async def listen(address: str, wake: Callable[[str], None]) -> None:
    """Call `wake` with each tenant that a commit of any replica names, until cancelled; reconnects when it is lost."""
    import asyncpg  # noqa: PLC0415  # takes time to load, and most run without PostgreSQL

    dsn = make_url(address).set(drivername="postgresql").render_as_string(hide_password=False)

    def heard(_connection: Any, _pid: int, _channel: str, tenant: str) -> None:  # noqa: ANN401  # the driver's own
        wake(tenant)

    while True:
        try:
            connection = await asyncpg.connect(dsn)
            try:
                await connection.add_listener(CHANNEL, heard)
                await _gone(connection)
            finally:
                connection.terminate()
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            _log.warning("listening_failed", reason=type(error).__name__)
        await asyncio.sleep(AGAIN_S)


async def _gone(connection: asyncpg.Connection[asyncpg.Record]) -> None:
    """Return when the connection has ended; one that ended without a word is found out by using it."""
    ended = asyncio.Event()
    connection.add_termination_listener(lambda _: ended.set())
    while not ended.is_set():
        with suppress(TimeoutError):
            async with asyncio.timeout(CHECK_S):
                await ended.wait()
                return
        await connection.execute("SELECT 1")
