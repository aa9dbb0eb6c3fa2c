"""What was counted of every service, in one file: small, and replaced whole."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

import structlog
from pydantic import TypeAdapter, ValidationError

from tillhand_analytics.domain.slo.kept import KeptLedger
from tillhand_common import private_files

_log: Final = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _File:
    version: Literal[1]
    services: Mapping[str, KeptLedger]


_FILE: Final = TypeAdapter(_File)


class FileLedgers:
    """A file that cannot be read or written is told, and counting goes on without it."""

    def __init__(self, path: Path) -> None:
        self._path = path

    async def read(self) -> Mapping[str, KeptLedger]:
        """What was kept; nothing where there is no file, or one that holds something else."""
        try:
            return _FILE.validate_json(await asyncio.to_thread(self._path.read_bytes)).services
        except FileNotFoundError:
            return {}
        except (OSError, ValidationError) as error:
            _log.warning("counted_not_read", file=str(self._path), reason=type(error).__name__)
            return {}

    async def keep(self, ledgers: Mapping[str, KeptLedger]) -> None:
        """Keep this, in the place of what was kept before."""
        content = _FILE.dump_json(_File(1, ledgers))
        try:
            await asyncio.to_thread(private_files.write, self._path, content)
        except OSError as error:
            _log.warning("counted_not_kept", file=str(self._path), reason=error.strerror)
