"""The report that `tillhand evidence` has left in the data folder."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Final, Literal

from pydantic import AwareDatetime, BaseModel, ValidationError

from tillhand_dashboard.domain.proving import Evidence, Proved, State
from tillhand_dashboard.domain.results import Failure, Found, Result

MOST_BYTES: Final = 4 * 1024 * 1024
REMEDY: Final = "Run `tillhand evidence` again."


class _Criterion(BaseModel):
    title: str
    threshold: str
    state: State
    summary: str
    command: str
    files: Sequence[str]
    measured_at: AwareDatetime


class _Report(BaseModel):
    version: Literal[1]
    measured_at: AwareDatetime
    machine: str
    criteria: Sequence[_Criterion]


class FileEvidence:
    """Reads the file anew each time: it is small, and replaced as a whole."""

    def __init__(self, path: Path) -> None:
        self.path = path

    async def newest(self) -> Result[Evidence] | None:
        """What the report says; None where there is none yet."""
        return await asyncio.to_thread(self._read)

    def _read(self) -> Result[Evidence] | None:
        try:
            with self.path.open("rb") as file:
                report = _Report.model_validate_json(file.read(MOST_BYTES))
        except FileNotFoundError:
            return None
        except OSError:
            return Failure("unreadable", "The report of the evidence cannot be opened.", REMEDY)
        except ValidationError:
            return Failure("unreadable", "The report of the evidence is not whole, or of another version.", REMEDY)
        criteria = [Proved(**dict(each)) for each in report.criteria]
        return Found(Evidence(report.measured_at, report.machine, criteria))
