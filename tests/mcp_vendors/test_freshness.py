"""One question for everybody who asks at once, an answer while it is fresh, and none from before a write."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

import pytest
from pydantic import BaseModel

from tests.mcp_vendors.conftest import Connect
from tests.mcp_vendors.stage import CALLER, NOW, How, Stage
from tests.mcp_vendors.test_rule import Unwatched
from tests.mcp_vendors.writes import executed_by, wanted
from tillhand_common.errors import (
    UpstreamError,
    UpstreamRejected,
    UpstreamThrottled,
    UpstreamTimeout,
    UpstreamUnavailable,
)
from tillhand_common.testing import FakeClock, settle
from tillhand_mcp.adapters.no_approvals import NoApprovals
from tillhand_mcp.domain.origins import Origin
from tillhand_mcp.domain.tools import Done
from tillhand_mcp.mock.faults import FOREVER, Fault
from tillhand_mcp.ports.connector import Answer
from tillhand_mcp.service.calling import Calling
from tillhand_mcp.service.freshness import STALE_TIMES, Freshness
from tillhand_mcp.service.registry import Registry
from tillhand_mcp.service.shelf import Shelf
from tillhand_mcp.service.writing import Writing
from tillhand_mockshop.model import Shop


class Number(BaseModel):
    """An answer that can be told from others."""

    number: int


@dataclass
class Upstream:
    """Counts calls, and answers when it is let."""

    calls: int = 0
    fails: UpstreamError | None = None
    gate: asyncio.Event = field(default_factory=asyncio.Event)

    async def ask(self) -> Answer:
        self.calls += 1
        number = self.calls
        await self.gate.wait()
        if self.fails is not None:
            raise self.fails
        return Answer(Number(number=number), str(number), Origin("fake", "live", NOW))


def opened() -> Upstream:
    upstream = Upstream()
    upstream.gate.set()
    return upstream


async def test_many_who_ask_at_once_are_one_question() -> None:
    freshness, upstream = Freshness(FakeClock()), Upstream()
    calls = [asyncio.ensure_future(freshness.get("key", 0.0, upstream.ask)) for _ in range(20)]
    await settle()
    upstream.gate.set()
    assert {answer.text for answer, _ in await asyncio.gather(*calls)} == {"1"}
    assert upstream.calls == 1


async def test_a_fresh_answer_is_given_again_and_then_it_is_asked_anew() -> None:
    clock = FakeClock()
    freshness, upstream = Freshness(clock), opened()
    assert (await freshness.get("key", 10.0, upstream.ask))[1] == "answered"
    await clock.advance(9.9)
    assert (await freshness.get("key", 10.0, upstream.ask))[1] == "cached"
    await clock.advance(0.1)
    answer, route = await freshness.get("key", 10.0, upstream.ask)
    assert (answer.text, route, upstream.calls) == ("2", "answered", 2)
    assert (await freshness.get("other", 10.0, upstream.ask))[0].text == "3"


async def test_a_stale_answer_stands_in_for_one_that_cannot_be_had() -> None:
    clock = FakeClock()
    freshness, upstream = Freshness(clock), opened()
    await freshness.get("key", 10.0, upstream.ask)
    upstream.fails = UpstreamUnavailable("fake")
    await clock.advance(10 * STALE_TIMES - 0.1)
    answer, route = await freshness.get("key", 10.0, upstream.ask)
    assert (answer.text, answer.origin.stale, route) == ("1", True, "stale")
    await clock.advance(0.1)
    with pytest.raises(UpstreamUnavailable):
        await freshness.get("key", 10.0, upstream.ask)


@pytest.mark.parametrize(
    "error", [UpstreamRejected("fake", upstream_status=404), UpstreamThrottled("fake", upstream_status=429)]
)
async def test_an_answer_that_says_no_is_passed_on(error: UpstreamError) -> None:
    clock = FakeClock()
    freshness, upstream = Freshness(clock), opened()
    await freshness.get("key", 1.0, upstream.ask)
    await clock.advance(2)
    upstream.fails = error
    with pytest.raises(type(error)):
        await freshness.get("key", 1.0, upstream.ask)


async def test_a_question_from_before_a_write_is_neither_kept_nor_joined() -> None:
    freshness, upstream = Freshness(FakeClock()), Upstream()
    before = asyncio.ensure_future(freshness.get("key", 60.0, upstream.ask))
    await settle()
    freshness.forget()
    after = asyncio.ensure_future(freshness.get("key", 60.0, upstream.ask))
    await settle()
    upstream.gate.set()
    assert [(await each)[0].text for each in (before, after)] == ["1", "2"]
    answer, route = await freshness.get("key", 60.0, upstream.ask)
    assert (answer.text, route) == ("2", "cached")


async def test_no_answer_from_before_a_write_stands_in_after_it() -> None:
    clock, upstream = FakeClock(), opened()
    freshness = Freshness(clock)
    await freshness.get("key", 1.0, upstream.ask)
    await clock.advance(2)
    upstream.gate.clear()
    upstream.fails = UpstreamUnavailable("fake")
    call = asyncio.ensure_future(freshness.get("key", 1.0, upstream.ask))
    await settle()
    freshness.forget()
    upstream.gate.set()
    with pytest.raises(UpstreamUnavailable):
        await call


async def test_a_question_that_nobody_waits_for_is_broken_off_and_in_nobodys_way() -> None:
    freshness, upstream = Freshness(FakeClock()), Upstream()
    left = asyncio.ensure_future(freshness.get("key", 60.0, upstream.ask))
    await settle()
    left.cancel()  # the others ask before its end has been told
    calls = [asyncio.ensure_future(freshness.get("key", 60.0, upstream.ask)) for _ in range(3)]
    await settle()
    calls += [asyncio.ensure_future(freshness.get("key", 60.0, upstream.ask)) for _ in range(3)]
    await settle()
    upstream.gate.set()
    assert {answer.text for answer, _ in await asyncio.gather(*calls)} == {"2"}


async def test_one_who_leaves_takes_nobody_along() -> None:
    freshness, upstream = Freshness(FakeClock()), Upstream()
    calls = [asyncio.ensure_future(freshness.get("key", 60.0, upstream.ask)) for _ in range(3)]
    await settle()
    calls[0].cancel()
    await settle()
    upstream.gate.set()
    assert [(await each)[0].text for each in calls[1:]] == ["1", "1"]


async def test_over_a_shop_all_of_it_holds(stage: Stage, connect: Connect, goods: Shop) -> None:
    clock = FakeClock(NOW)
    registry = Registry((connect.shopify(stage.url, How(attempts=1)),))
    freshness = Freshness(clock)
    toolbox = Calling(
        registry=registry,
        freshness=freshness,
        writing=Writing(NoApprovals()),
        shelf=Shelf((), ()),
        watcher=Unwatched(),
    )

    async def stock() -> Done:
        found = await toolbox.call(CALLER, "shopify_inventory", {"limit": 25})
        assert isinstance(found, Done), found
        return found

    await asyncio.gather(*(stock() for _ in range(20)))
    await stock()
    assert stage.operations() == ["TillhandInventory"]
    await clock.advance(15)
    stage.mock.faults.script(Fault(kind="reset", upstream="shopify", times=FOREVER))
    assert (await stock()).structured["origin"]["stale"] is True
    stage.mock.faults.clear()
    before = (await stock()).structured
    outcome, _ = await executed_by(
        registry, freshness, "shopify_inventory_adjust", wanted("shopify_inventory_adjust", goods)
    )
    assert outcome == "executed"
    after = (await stock()).structured
    assert (before["origin"]["stale"], after["origin"]["stale"]) == (False, False)
    total = [sum(level["available"] for item in each["items"] for level in item["levels"]) for each in (before, after)]
    assert total[0] - total[1] == 2 or before["next_cursor"] is not None


async def test_a_call_that_ended_at_the_deadline_of_who_began_it_is_made_again_for_others() -> None:
    freshness, upstream = Freshness(FakeClock()), Upstream(fails=UpstreamTimeout("fake", "no time was left"))
    hasty, patient = (asyncio.ensure_future(freshness.get("a", 60, upstream.ask)) for _ in range(2))
    await settle()
    assert upstream.calls == 1
    upstream.gate.set()
    with pytest.raises(UpstreamTimeout):
        await hasty
    upstream.fails = None
    assert (await patient)[0].text == "2"


async def test_what_is_never_given_again_is_not_kept() -> None:
    freshness, upstream = Freshness(FakeClock()), opened()
    for _ in range(2):
        await freshness.get("a", 0, upstream.ask)
    assert upstream.calls == 2
    assert freshness.kept == 0
