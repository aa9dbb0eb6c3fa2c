"""What a criterion is, and how it comes to its colour: by what was measured, and by nothing else.

green  measured, and kept
amber  could not be measured here; the finding says why
red    measured and missed, or the measurement itself broke
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Literal

from tillhand_cli.errors import CommandError
from tillhand_cli.evidence.scene import Scene
from tillhand_common.clock import Clock, rfc3339

State = Literal["green", "amber", "red"]
STATES: Final[tuple[State, ...]] = ("green", "amber", "red")
MOST_TOLD: Final = 1_000
"""Characters of an error."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found: in a sentence, in figures, and in files (named from the folder of the report)."""

    state: State
    summary: str
    figures: Mapping[str, Any] = field(default_factory=dict)
    files: Sequence[str] = ()


class NotMeasured(Exception):
    """Something that the measurement needs is not here; the message says what, and how to get it."""


def found(kept: bool, summary: str, figures: Mapping[str, Any], *files: str) -> Finding:  # reads as a sentence
    """What was measured: green where it is as promised, else red."""
    return green(summary, figures, *files) if kept else red(summary, figures, *files)


def green(summary: str, figures: Mapping[str, Any], *files: str) -> Finding:
    """What was measured and is as promised."""
    return Finding("green", summary, figures, files)


def red(summary: str, figures: Mapping[str, Any], *files: str) -> Finding:
    """What was measured and is not as promised."""
    return Finding("red", summary, figures, files)


@dataclass(frozen=True, slots=True)
class Criterion:
    """A promise: what it is, when it is kept, who says so, how to look oneself, and what measures it."""

    id: str
    title: str
    threshold: str
    source: str
    command: str
    measure: Callable[[Scene], Awaitable[Finding]]


@dataclass(frozen=True, slots=True)
class Judged:
    """A criterion with what was found, when, and in how many seconds."""

    criterion: Criterion
    finding: Finding
    at: datetime
    seconds: float

    def as_json(self) -> dict[str, Any]:
        """As a report holds it."""
        return {
            "id": self.criterion.id,
            "title": self.criterion.title,
            "threshold": self.criterion.threshold,
            "source": self.criterion.source,
            "command": self.criterion.command,
            "state": self.finding.state,
            "summary": self.finding.summary,
            "figures": dict(self.finding.figures),
            "files": list(self.finding.files),
            "measured_at": rfc3339(self.at),
            "seconds": round(self.seconds, 1),
        }


async def judge(criterion: Criterion, scene: Scene, clock: Clock) -> Judged:
    """What is found of a criterion now. One whose measurement breaks is red, and takes no other with it."""
    at, begun = clock.now(), clock.monotonic()
    try:
        finding = await criterion.measure(scene)
    except NotMeasured as reason:
        finding = Finding("amber", str(reason))
    except Exception as error:  # noqa: BLE001  # whatever breaks here is what has been found
        finding = Finding("red", f"The measurement broke: {_told(error)}")
    return Judged(criterion, finding, at, clock.monotonic() - begun)


def _told(error: BaseException) -> str:
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    text = error.message if isinstance(error, CommandError) else str(error)
    return f"{type(error).__name__}: {text}"[:MOST_TOLD]
