"""Many people click twice on the same decisions at once: each is made once, and everybody sees by whom."""

from __future__ import annotations

import asyncio
import os
import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import httpx
import pytest

from tests.dashboard.platform import Beside, beside_approvals
from tests.fakes.visitor import NAVIGATES, Visitor
from tillhand_dashboard.commands import add_account

PEOPLE: Final = ("vera", "walt", "xenia", "yuri")
PROPOSALS: Final = 40 if os.environ.get("TILLHAND_EVERY_LOOK") else 4
"""With five who click on each: 200 double clicks, or 20."""
FASTER: Final = re.compile(r"(\w+) was faster\.</strong> They (approved|rejected) it <time datetime=")


@dataclass(frozen=True)
class Decider:
    """Somebody who has a page with a form open, and clicks on it."""

    name: str
    visitor: Visitor
    verb: str

    async def clicks_twice(self, proposal: dict[str, str]) -> list[httpx.Response]:
        """Both clicks send what the form holds: the same key."""
        fields = {"csrf": self.visitor.token, "key": f"{self.name}-{proposal['id']}", "verb": self.verb}
        body = {**fields, "digest": proposal["digest"], "note": "because"}
        headers = {**NAVIGATES, "cookie": "; ".join(f"{name}={held}" for name, held in self.visitor.cookies.items())}
        path = f"/approvals/{proposal['id']}/decision"
        return await asyncio.gather(
            *(self.visitor.http.post(path, data=body, headers=headers) for _ in range(2)),
        )


async def decider(beside: Beside, name: str, verb: str) -> Decider:
    visitor = Visitor(beside.http)
    await visitor.enter(await add_account(name, "operator"))
    await visitor.open("/approvals")
    return Decider(name, visitor, verb)


async def test_however_many_click_twice_each_decision_is_made_once_and_all_see_by_whom(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with beside_approvals(tmp_path) as beside:
        monkeypatch.setenv("TILLHAND_DATA_DIR", str(beside.approvals.folder))
        await beside.visitor.open("/approvals")
        people = [Decider("operator", beside.visitor, "approve")]
        for number, name in enumerate(PEOPLE):
            people.append(await decider(beside, name, "reject" if number % 2 else "approve"))
        proposals = [await beside.approvals.propose() for _ in range(PROPOSALS)]
        answers: list[httpx.Response] = []
        for proposal in proposals:
            both = await asyncio.gather(*(each.clicks_twice(proposal) for each in people))
            answers += [answer for pair in both for answer in pair]
        assert Counter(answer.status_code for answer in answers) == {303: 2 * PROPOSALS, 409: 2 * 4 * PROPOSALS}
        assert (await beside.approvals.types()).count("decision.made") == PROPOSALS
        verbs = {each.name: {"approve": "approved", "reject": "rejected"}[each.verb] for each in people}
        for proposal in proposals:
            decided = (await beside.approvals.get(proposal))["decision"]
            path = f"/approvals/{proposal['id']}/decision"
            told = {
                FASTER.findall(answer.text)[0]
                for answer in answers
                if answer.status_code == 409 and answer.request.url.path == path
            }
            [(who, verb)] = told
            assert decided["actor"].endswith(who)
            assert verbs[who] == verb
