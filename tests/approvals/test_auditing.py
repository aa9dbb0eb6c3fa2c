"""The live record: signed by and by, and verified against what an intruder in the database cannot know."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.fakes.pupil import Pupil
from tillhand_approvals.adapters.signing import CheckpointJournal, load_signer
from tillhand_approvals.adapters.vault_crypto import load_cipher
from tillhand_approvals.domain.actors import Actor
from tillhand_approvals.domain.audit import Draft, Head, chained, origin
from tillhand_approvals.ports.ledger import Entry
from tillhand_approvals.ports.observer import Unobserved
from tillhand_approvals.ports.records import Search
from tillhand_approvals.service.auditing import LONGEST_UNSIGNED_S, Auditing
from tillhand_approvals.service.callers import Caller
from tillhand_approvals.service.examining import Examining
from tillhand_approvals.service.vault import Vault
from tillhand_approvals.store.database import Database
from tillhand_approvals.store.ledger import DatabaseLedger
from tillhand_common.testing import FakeClock

SOMEBODY = Caller("shop", Actor("key:1", "person"))


@dataclass
class House:
    """An audit log on a database, and the folder outside it."""

    auditing: Auditing
    ledger: DatabaseLedger
    database: Database
    clock: FakeClock

    async def write(self, count: int) -> None:
        for _ in range(count):
            async with self.ledger.writing("shop") as unit:
                await unit.append(Entry("note.added", {"note": "counted"}))

    async def intrude(self, *statements: str) -> None:
        """What somebody does who owns the database: first take the guards away."""
        async with self.database.writing() as connection:
            if self.database.dialect == "sqlite":
                guards = [f"DROP TRIGGER records_no_{verb}" for verb in ("update", "delete")]
            else:
                guards = ["DROP TRIGGER records_no_change ON records"]
            for statement in (*guards, *statements):
                await connection.exec_driver_sql(statement)


@pytest.fixture
def house(database: Database, tmp_path: Path) -> House:
    clock = FakeClock()
    ledger = DatabaseLedger(database, clock)
    auditing = Auditing(
        ledger=ledger,
        records=ledger,
        clock=clock,
        vault=Vault(load_cipher(tmp_path / "vault.keys")),
        redactor=Pupil(),
        signer=load_signer(tmp_path / "signing"),
        journal=CheckpointJournal(tmp_path / "checkpoints.jsonl"),
        checkpoint_every=10,
    )
    return House(auditing, ledger, database, clock)


async def test_the_head_is_signed_after_so_many_records_or_so_much_time(house: House) -> None:
    await house.write(3)
    assert await house.auditing.sign_once() == 1, "nothing was signed for as long as anybody knows"
    await house.write(5)
    assert await house.auditing.sign_once() == 0
    await house.write(6)
    assert await house.auditing.sign_once() == 1
    await house.write(1)
    await house.clock.advance(LONGEST_UNSIGNED_S)
    assert await house.auditing.sign_once() == 1
    await house.clock.advance(LONGEST_UNSIGNED_S)
    assert await house.auditing.sign_once() == 0, "a record of a checkpoint needs none of its own"
    report = await house.auditing.verify(SOMEBODY)
    assert report.ok, report.breaks
    assert report.checkpoints == 3
    assert report.covered == 17


@pytest.mark.parametrize(
    ("statement", "kind"),
    [
        ("UPDATE records SET line = replace(line, 'counted', 'stolen') WHERE sequence = 4", "changed"),
        ("DELETE FROM records WHERE sequence = 4", "missing"),
        ("DELETE FROM records WHERE sequence > 9", "truncated"),
    ],
)
async def test_what_an_intruder_does_in_the_database_is_named(house: House, statement: str, kind: str) -> None:
    await house.write(12)
    await house.auditing.sign_once(at_once=True)
    await house.intrude(statement)
    report = await house.auditing.verify(SOMEBODY)
    assert kind in {each.kind for each in report.breaks}


async def test_a_record_written_anew_with_every_hash_right_is_found_by_its_checkpoints(house: House) -> None:
    await house.write(4)
    await house.auditing.sign_once(at_once=True)
    head, statements = origin("shop"), []
    for _ in range(5):
        draft = Draft("shop", "note.added", house.clock.now(), None, None, None, {"note": "never"})
        line, head = chained(head, draft)
        statements.append(f"UPDATE records SET line = '{line}' WHERE sequence = {head.sequence}")  # noqa: S608  # ours
    statements.append(f"UPDATE heads SET hash = '{head.hash}'")  # noqa: S608  # ours
    await house.intrude(*statements)
    assert (await house.ledger.tenants())[0] == ("shop", *Head(5, head.hash))
    report = await house.auditing.verify(SOMEBODY)
    assert {each.kind for each in report.breaks} == {"forked"}


async def test_an_export_is_whole_however_long(house: House) -> None:
    await house.write(7)
    lines = b"".join([part async for part in house.auditing.export(SOMEBODY, Search())]).splitlines()
    assert len(lines) == 7
    part = b"".join([part async for part in house.auditing.export(SOMEBODY, Search(after=5))]).splitlines()
    assert part == lines[5:]


class Noted(Unobserved):
    """What was reported of each examination."""

    def __init__(self) -> None:
        self.found: asyncio.Queue[tuple[int, float]] = asyncio.Queue()

    def examined(self, breaks: int, when: float) -> None:
        self.found.put_nowait((breaks, when))


async def test_a_break_is_found_before_anybody_asks_and_is_told_until_it_is_mended(house: House) -> None:
    noted = Noted()
    examining = Examining(house.auditing, house.clock, noted, every_hours=1)
    await house.write(12)
    await house.auditing.sign_once()
    running = asyncio.create_task(examining.run())
    breaks, first = await noted.found.get()
    assert (breaks, (await examining.check()).status) == (0, "ok")
    await house.intrude("DELETE FROM records WHERE sequence = 7")
    await house.clock.advance(3_600)
    breaks, second = await noted.found.get()
    told = await examining.check()
    running.cancel()
    assert (breaks > 0, second - first) == (True, 3_600)
    assert (told.status, "audit log" in told.detail) == ("degraded", True)


async def test_a_tenant_whose_records_are_all_gone_is_still_examined(house: House) -> None:
    await house.write(12)
    await house.auditing.sign_once(at_once=True)
    await house.intrude("DELETE FROM records", "DELETE FROM heads")
    assert await Examining(house.auditing, house.clock, Noted(), every_hours=1).examine_once() > 0
