"""Leases and the chain under whatever order of events: at most one run, and no tampering that is not found."""

from __future__ import annotations

import asyncio
import json
import tempfile
from collections.abc import Awaitable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from tests.approvals.test_life import proposal
from tests.fakes.pupil import Pupil
from tillhand_approvals.adapters.signing import load_signer
from tillhand_approvals.adapters.vault_crypto import load_cipher
from tillhand_approvals.domain.actors import Actor
from tillhand_approvals.domain.audit import Checkpoint, Draft, Head, chained, origin, verify
from tillhand_approvals.domain.executing import Result
from tillhand_approvals.domain.proposals import Proposal
from tillhand_approvals.ports.ledger import Switch
from tillhand_approvals.service.callers import Caller
from tillhand_approvals.service.executing import Executing
from tillhand_approvals.service.timekeeping import Timekeeping
from tillhand_approvals.service.vault import Vault
from tillhand_approvals.store.database import Database
from tillhand_approvals.store.ledger import DatabaseLedger
from tillhand_common.problems import Problem
from tillhand_common.testing import FakeClock

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
EXECUTOR = Caller("shop", Actor("key:e", "service"))
T = TypeVar("T")


class Leases(RuleBasedStateMachine):
    """Executors take leases, beat, report, crash and come late; a person stops everything; time passes."""

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.folder = tempfile.TemporaryDirectory()
        self.clock = FakeClock(NOW)
        root = Path(self.folder.name)
        self.database = self.run(Database.open(root / "approvals.sqlite3"))
        self.ledger = DatabaseLedger(self.database, self.clock)
        self.vault = Vault(load_cipher(root / "vault.keys"))
        self.executing = Executing(
            ledger=self.ledger, clock=self.clock, redactor=Pupil(), vault=self.vault, lease=timedelta(seconds=60)
        )
        self.time = Timekeeping(self.ledger, self.clock)
        self.stopped = False
        self.ids: list[str] = []
        self.tokens: dict[str, int] = {}
        self.reported: dict[str, str] = {}

    def run(self, work: Awaitable[T]) -> T:
        async def whole() -> T:
            return await work

        return self.loop.run_until_complete(whole())

    async def add(self, made: Proposal) -> None:
        async with self.ledger.writing("shop") as unit:
            await unit.create(made, None, "digest")
            await self.vault.keep(unit, made.id, f"arguments:{made.digest}", made.id, made.arguments)

    @initialize(count=st.integers(1, 3))
    def approved_proposals(self, count: int) -> None:
        for number in range(count):
            made = replace(
                proposal(),
                id=f"{number + 1:032x}",
                state="approved",
                release_at=NOW,
                execute_by=NOW + timedelta(hours=1),
            )
            self.run(self.add(made))
            self.ids.append(made.id)

    @rule(data=st.data())
    def take(self, data: st.DataObject) -> None:
        name = data.draw(st.sampled_from(self.ids))
        try:
            leased = self.run(self.executing.lease(EXECUTOR, name, "mcp"))
        except Problem:
            return
        assert not self.stopped
        assert name not in self.tokens, "a second lease"
        assert leased.proposal.lease is not None
        token = leased.proposal.lease.token
        assert all(token > other for other in self.tokens.values())
        self.tokens[name] = token

    @precondition(lambda self: self.tokens)
    @rule(data=st.data(), wrong=st.booleans(), outcome=st.sampled_from(["executed", "failed", "outcome_unknown"]))
    def report(self, data: st.DataObject, wrong: bool, outcome: Result) -> None:
        name = data.draw(st.sampled_from(sorted(self.tokens)))
        token = self.tokens[name] + (1 if wrong else 0)
        try:
            done = self.run(self.executing.report(EXECUTOR, name, token, outcome, {}))
        except Problem:
            return
        assert not wrong
        assert done.state == outcome
        self.reported.setdefault(name, outcome)

    @precondition(lambda self: self.tokens)
    @rule(data=st.data())
    def beat(self, data: st.DataObject) -> None:
        name = data.draw(st.sampled_from(sorted(self.tokens)))
        try:
            kept = self.run(self.executing.beat(EXECUTOR, name, self.tokens[name]))
        except Problem:
            return
        assert kept.stopped == self.stopped
        assert kept.ends_at == self.clock.now() + timedelta(seconds=60)

    @rule(stopped=st.booleans())
    def turn_the_switch(self, stopped: bool) -> None:
        async def turn() -> None:
            async with self.ledger.writing("shop") as unit:
                await unit.put_switch(Switch(stopped, "key:p", self.clock.now()))

        self.run(turn())
        self.stopped = stopped

    @rule(seconds=st.sampled_from([1, 30, 61, 1_800]))
    def time_passes(self, seconds: int) -> None:
        self.run(self.clock.advance(seconds))
        self.run(self.time.pass_once())

    @invariant()
    def what_was_reported_stays_and_a_lost_lease_is_unknown(self) -> None:
        async def kept() -> dict[str, Proposal | None]:
            async with self.ledger.reading("shop") as view:
                return {name: await view.proposal(name) for name in self.ids}

        for name, found in self.run(kept()).items():
            assert found is not None
            if name in self.reported:
                assert found.state == self.reported[name]
            elif name in self.tokens:
                assert found.state in {"executing", "outcome_unknown"}
            else:
                assert found.state in {"approved", "expired"}
            if found.state == "executing":
                assert found.lease is not None
                assert found.lease.ends_at > self.clock.now() - timedelta(seconds=1)

    def teardown(self) -> None:
        self.run(self.database.close())
        self.loop.close()
        self.folder.cleanup()


class Chain(RuleBasedStateMachine):
    """Records are added and heads signed; an intruder who owns the file, and not the key, is always found."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.signer = load_signer(Path(self.folder.name))
        self.lines: list[str] = []
        self.heads: list[Head] = [origin("shop")]
        self.checkpoints: list[Checkpoint] = []

    def written(self, head: Head, word: str) -> tuple[str, Head]:
        draft = Draft("shop", "note.added", NOW, None, "p", None, {"word": word, "at": head.sequence})
        return chained(head, draft)

    @rule(
        count=st.integers(1, 5),
        word=st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=5),
    )
    def records_are_added(self, count: int, word: str) -> None:
        for _ in range(count):
            line, head = self.written(self.heads[-1], word)
            self.lines.append(line)
            self.heads.append(head)

    @precondition(lambda self: self.lines)
    @rule()
    def the_head_is_signed(self) -> None:
        head = self.heads[-1]
        unsigned = Checkpoint("shop", head.sequence, head.hash, "2026-03-01T12:00:00.000Z", "")
        self.checkpoints.append(self.signer.sign(unsigned))

    @invariant()
    def what_was_kept_holds(self) -> None:
        report = verify(self.lines, "shop", self.checkpoints, self.signer.signed, self.heads[-1])
        assert report.ok
        assert report.covered == max((each.sequence for each in self.checkpoints), default=0)

    @precondition(lambda self: len(self.lines) > 2)
    @rule(data=st.data(), how=st.sampled_from(["changed", "missing", "reordered"]))
    def an_intruder_is_found(self, data: st.DataObject, how: str) -> None:
        at = data.draw(st.integers(0, len(self.lines) - 2))
        lines = list(self.lines)
        if how == "changed":
            record = json.loads(lines[at])
            record["data"]["at"] += 1
            lines[at] = json.dumps(record, separators=(",", ":"), sort_keys=True, ensure_ascii=False)
        elif how == "missing":
            del lines[at]
        else:
            lines[at], lines[at + 1] = lines[at + 1], lines[at]
        report = verify(lines, "shop", self.checkpoints, self.signer.signed, self.heads[-1])
        assert how in {each.kind for each in report.breaks}

    @precondition(lambda self: self.checkpoints)
    @rule(data=st.data())
    def one_who_writes_the_chain_anew_is_found_by_the_signatures(self, data: st.DataObject) -> None:
        signed = max(each.sequence for each in self.checkpoints)
        at = data.draw(st.integers(0, signed - 1))
        lines, head = self.lines[:at], self.heads[at]
        for _ in range(len(self.lines) - at):
            line, head = self.written(head, "another past")
            lines.append(line)
        report = verify(lines, "shop", self.checkpoints, self.signer.signed, head)
        assert {each.kind for each in report.breaks} == {"forked"}

    @precondition(lambda self: self.checkpoints)
    @rule(data=st.data())
    def one_who_cuts_the_end_off_is_found_by_the_signatures(self, data: st.DataObject) -> None:
        left = data.draw(st.integers(0, max(each.sequence for each in self.checkpoints) - 1))
        report = verify(self.lines[:left], "shop", self.checkpoints, self.signer.signed, self.heads[left])
        assert "truncated" in {each.kind for each in report.breaks}

    def teardown(self) -> None:
        self.folder.cleanup()


TestLeases = Leases.TestCase
TestLeases.settings = settings(max_examples=25, stateful_step_count=30, deadline=None)
TestChain = Chain.TestCase
TestChain.settings = settings(max_examples=30, stateful_step_count=25, deadline=None)
