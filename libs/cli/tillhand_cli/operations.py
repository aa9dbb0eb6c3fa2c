"""Operations of the knowledge base that take a while: started, followed until they end, and judged."""

from __future__ import annotations

import asyncio
from typing import Any, Final

from tillhand_cli.api import Api
from tillhand_cli.errors import CommandError, ExitCode
from tillhand_cli.output import Output

_ENDED: Final = frozenset({"done", "failed", "cancelled"})
_PAUSE_S: Final = 0.5


async def operate(api: Api, path: str, body: dict[str, object], out: Output) -> dict[str, Any]:
    """Start an operation and follow it; its report. Raises CommandError when it fails."""
    done = await followed(api, await api.post(path, body, holding="state"), "/v1/operations", out)
    report: dict[str, Any] = done["report"]
    return report


async def followed(api: Api, job: dict[str, Any], path: str, out: Output) -> dict[str, Any]:
    """A job below this path once it is done, its phases told on the way. Raises CommandError when it fails."""
    told = ""
    while job["state"] not in _ENDED:
        told = _told(job["progress"], told, out)
        await asyncio.sleep(_PAUSE_S)
        job = await api.get(f"{path}/{job['id']}", holding="state")
    if job["state"] != "done":
        raise CommandError(job["error"]["detail"] if job["error"] else "It was cancelled.", code=ExitCode.PARTLY)
    return job


def _told(progress: dict[str, Any], before: str, out: Output) -> str:
    line = f"{progress['phase']} …"
    if progress["total"]:
        line = f"{progress['phase']} {100 * progress['done'] // progress['total']} % …"
    if line != before:
        out.note(line)
    return line
