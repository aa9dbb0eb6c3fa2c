"""What the shop sells is no person's name: told once, known by every replica, and on record."""

from __future__ import annotations

from pathlib import Path

from tests.approvals.shop import ARGUMENTS, shop
from tests.fakes.pupil import Pupil
from tillhand_approvals.domain.actors import Actor
from tillhand_approvals.service.callers import Caller
from tillhand_approvals.service.learning import Learning
from tillhand_approvals.store.database import Database
from tillhand_approvals.store.ledger import DatabaseLedger
from tillhand_common.testing import FakeClock

SAID = "I told him that my Zephrand Quist leaks"


async def test_names_of_products_stay_readable_once_the_shop_has_told_them(tmp_path: Path) -> None:
    async with shop(tmp_path) as opened:
        before = await opened.propose(justification=SAID)
        answer = await opened.call("service", "PUT", "/v1/catalogue", {"names": ["Zephrand Quist pump", " "]})
        assert (answer.status_code, answer.json()["names"]) == (200, 1)
        after = await opened.propose(justification=SAID)
        assert (before["justification"] == SAID, after["justification"]) == (False, SAID)
        await opened.call("service", "PUT", "/v1/catalogue", {"names": ["Zephrand Quist pump"]})
        assert (await opened.types()).count("catalogue.learned") == 1
        known = (await opened.call("operator", "GET", "/v1/catalogue")).json()
        assert known["digest"] == answer.json()["digest"]


async def test_agents_teach_nothing(tmp_path: Path) -> None:
    async with shop(tmp_path) as opened:
        assert (await opened.call("agent", "PUT", "/v1/catalogue", {"names": ["Ann Lee"]})).status_code == 403
        assert "Ann" not in (await opened.propose(arguments=ARGUMENTS, justification="for Ann Lee"))["justification"]


async def test_a_replica_learns_what_another_was_told_and_only_once(database: Database) -> None:
    clock = FakeClock()
    ledger = DatabaseLedger(database, clock)
    one, two = Pupil(), Pupil()
    first = Learning(ledger=ledger, clock=clock, redactor=one)
    second = Learning(ledger=ledger, clock=clock, redactor=two)
    await first.learn(Caller("shop", Actor("key:1", "service")), ["Gust", "Presta"])
    await second.refresh()
    await second.refresh()
    assert one.learned == two.learned == [("shop", 2)]
