"""The knowledge base under load: what it is asked about, and what a run put in removed again."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from tillhand_cli.api import ERROR_STATUSES, FIRST_ERROR_STATUS, LONGEST_WAIT_S, TOO_MANY_REQUESTS, open_api
from tillhand_cli.bench.load import UNNAMED_WAIT_S
from tillhand_cli.bench.material import gather
from tillhand_cli.bench.plan import Plan, Planned
from tillhand_cli.bench.settings import Say, Settings
from tillhand_common.http import UpstreamClient, UpstreamError
from tillhand_common.upstream_response import retry_after_s

PATIENCE: Final = 5


class Knowledge:
    """A collection, asked `questions`, or what its titles and headings suggest where there are none."""

    def __init__(self, settings: Settings, questions: list[str] | None) -> None:
        self._settings = settings
        self._questions = questions

    @asynccontextmanager
    async def planned(self, client: UpstreamClient, say: Say) -> AsyncIterator[Planned]:
        """What to ask it. Raises CommandError when there is nothing to ask about, or nobody to ask."""
        settings = self._settings
        async with open_api(settings.url, settings.key) as api:
            material = await gather(api, settings.collection, self._questions)
        token = secrets.token_hex(4)
        scratch = f"bench-{token}" if settings.uploads else None
        try:
            yield Plan(material, seed=settings.seed, token=token, scratch=scratch)
        finally:
            if scratch is not None:
                await _remove(client, scratch, say)


async def _remove(client: UpstreamClient, scratch: str, say: Say) -> None:
    try:
        failure = await _deleted(client, f"/v1/collections/{scratch}")
    except UpstreamError as error:
        failure = error.detail
    if failure:
        say(f"The collection {scratch}, which holds the uploads of this run, could not be removed ({failure}).")


async def _deleted(client: UpstreamClient, path: str) -> str:
    """Why not; nothing when it is. A service that asks to wait, as it may after a run, is asked again."""
    for _ in range(PATIENCE):
        answer = await client.request("DELETE", path, accept=ERROR_STATUSES)
        if answer.status != TOO_MANY_REQUESTS:
            break
        wait_s = retry_after_s(answer.headers)
        await asyncio.sleep(UNNAMED_WAIT_S if wait_s is None else min(wait_s, LONGEST_WAIT_S))
    return "" if answer.status < FIRST_ERROR_STATUS else f"answered {answer.status}"
