"""Proposals and their record: one transaction for each change, on either database."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tillhand_approvals.domain.actors import Actor, Delegation
from tillhand_approvals.domain.proposals import Proposal, Requirement, Vote
from tillhand_approvals.ports.ledger import Entry, Kept, Sealed, Switch, Wish
from tillhand_approvals.store.database import Database
from tillhand_approvals.store.ledger import DatabaseLedger
from tillhand_common.testing import FakeClock

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
RULE = Requirement(2, frozenset({"manager", "owner"}), "writes", 1, "key:1", escalate_after=timedelta(hours=2))


def proposal(number: int = 1, **fields: object) -> Proposal:
    made = Proposal(
        id=f"{number:032x}",
        tenant="shop",
        tool="stock_set",
        tool_version="1",
        executor="mcp",
        arguments={"sku": "A-1", "count": number},
        digest="d" * 64,
        proposed_digest="d" * 64,
        risk="medium",
        requester=Actor("agent:1", "agent"),
        requirement=RULE,
        created_at=NOW + timedelta(seconds=number),
        updated_at=NOW,
        expires_at=NOW + timedelta(days=1),
        evidence=({"kind": "figure", "value": 3},),
    )
    return replace(made, **fields)  # type: ignore[arg-type]  # fields of a proposal


@pytest.fixture
def ledger(database: Database) -> DatabaseLedger:
    return DatabaseLedger(database, FakeClock(NOW))


async def numbers(ledger: DatabaseLedger, tenant: str = "shop") -> list[int]:
    return [row.sequence for row in await ledger.after(tenant, 0, 1_000)]


async def test_a_proposal_is_read_as_it_was_kept(ledger: DatabaseLedger) -> None:
    kept = proposal(votes=(Vote("key:2", "manager", None, NOW, "d" * 64),), assignee="owner")
    async with ledger.writing("shop") as unit:
        await unit.create(kept, "key-1", "digest")
        assert await unit.proposal(kept.id) == kept
    async with ledger.reading("shop") as view:
        assert await view.proposal(kept.id) == kept
        assert await view.made_with("agent:1", "key-1") == ("digest", kept.id)
        assert await view.made_with("agent:2", "key-1") is None
    async with ledger.reading("other") as view:
        assert await view.proposal(kept.id) is None
        assert await view.made_with("agent:1", "key-1") is None


async def test_a_change_and_its_record_are_kept_together_or_not_at_all(ledger: DatabaseLedger) -> None:
    async with ledger.writing("shop") as unit:
        await unit.create(proposal(), None, "digest")
        assert await unit.append(Entry("proposal.created", {}, subject=proposal().id)) == 1

    async def think_twice() -> None:
        async with ledger.writing("shop") as unit:
            await unit.replace(proposal(state="rejected"))
            await unit.append(Entry("decision.made", {}))
            raise RuntimeError("on second thought")

    with pytest.raises(RuntimeError, match="on second thought"):
        await think_twice()
    async with ledger.reading("shop") as view:
        assert await view.proposal(proposal().id) == proposal()
    assert await numbers(ledger) == [1]
    assert await ledger.head("shop") == 1


async def test_records_are_numbered_without_gaps_however_many_write_at_once(ledger: DatabaseLedger) -> None:
    async def write(tenant: str, number: int) -> None:
        async with ledger.writing(tenant) as unit:
            assert await unit.next_sequence() == await unit.append(Entry("note.added", {"number": number}))

    async with asyncio.timeout(30):
        await asyncio.gather(*(write(tenant, number) for number in range(20) for tenant in ("shop", "other")))
    assert await numbers(ledger) == [*range(1, 21)]
    assert await numbers(ledger, "other") == [*range(1, 21)]
    rows = await ledger.after("shop", 0, 50)
    records = [json.loads(row.line) for row in rows]
    assert [record["previous"] for record in records[1:]] == [record["hash"] for record in records[:-1]]
    assert sorted(record["data"]["number"] for record in records) == [*range(20)]


async def test_whoever_follows_is_woken_after_the_commit_alone(database: Database) -> None:
    woken: list[str] = []
    ledger = DatabaseLedger(database, FakeClock(NOW), woken.append)
    async with ledger.writing("shop") as unit:
        await unit.append(Entry("note.added", {}))
        assert woken == []
    assert woken == ["shop"]
    async with ledger.writing("shop"):
        pass
    assert woken == ["shop"]


async def test_proposals_are_found_by_what_they_are_a_page_at_a_time(ledger: DatabaseLedger) -> None:
    async with ledger.writing("shop") as unit:
        for number in range(1, 8):
            state = "pending" if number % 2 else "rejected"
            await unit.create(proposal(number, state=state, risk="high" if number > 5 else "low"), None, "digest")
    async with ledger.reading("shop") as view:
        assert await view.counts() == {"pending": 4, "rejected": 3}
        high = await view.proposals(Wish(risks={"high"}, states={"pending"}))
        assert [each.arguments["count"] for each in high.proposals] == [7]
        for newest_first in (True, False):
            seen, after = [], None
            while True:
                page = await view.proposals(Wish(limit=3, after=after, newest_first=newest_first))
                seen += [each.arguments["count"] for each in page.proposals]
                after = page.following
                if after is None:
                    break
            assert seen == sorted(range(1, 8), reverse=newest_first)
        late = await view.proposals(Wish(created_after=NOW + timedelta(seconds=7), assignee=None))
        assert len(late.proposals) == 1


async def test_time_finds_what_is_due_in_every_tenant(ledger: DatabaseLedger) -> None:
    async with ledger.writing("shop") as unit:
        await unit.create(proposal(1, expires_at=NOW + timedelta(hours=2)), None, "digest")
        await unit.create(proposal(2, state="rejected"), None, "digest")
    async with ledger.writing("other") as unit:
        await unit.create(proposal(3, expires_at=NOW + timedelta(hours=1)), None, "digest")
    assert await ledger.due(NOW + timedelta(minutes=59), 10) == []
    assert await ledger.due(NOW + timedelta(hours=2), 10) == [("other", f"{3:032x}"), ("shop", f"{1:032x}")]
    assert len(await ledger.due(NOW + timedelta(hours=2), 1)) == 1


async def test_tools_policies_switch_roles_and_delegations_are_kept_for_each_tenant(ledger: DatabaseLedger) -> None:
    lent = Delegation("d1", "key:1", "key:2", frozenset({"owner"}), NOW, NOW + timedelta(days=1))
    async with ledger.writing("shop") as unit:
        for name in ("stock_set", "price_set"):
            await unit.put_tool(Kept({"risk": "low"}, "mcp", NOW, name=name))
        await unit.put_tool(Kept({"risk": "high"}, "mcp", NOW, name="stock_set"))
        assert await unit.drop_tools("mcp", {"stock_set"}) == ["price_set"]
        await unit.put_policies(Kept({"rules": []}, "key:1", NOW, version=1))
        await unit.put_policies(Kept({"rules": [1]}, "key:2", NOW, version=2))
        await unit.put_switch(Switch(stopped=True, actor="key:1", changed_at=NOW))
        await unit.put_role("owner", {"key:1"})
        await unit.put_role("manager", {"key:2"})
        await unit.put_role("manager", ())
        await unit.put_delegation(lent)
    async with ledger.reading("shop") as view:
        assert [(each.name, each.body) for each in await view.tools()] == [("stock_set", {"risk": "high"})]
        newest, first = await view.policies(), await view.policies(1)
        assert newest is not None
        assert first is not None
        assert (newest.version, newest.author, first.body) == (2, "key:2", {"rules": []})
        assert [each.version for each in await view.policy_versions()] == [2, 1]
        assert await view.switch() == Switch(stopped=True, actor="key:1", changed_at=NOW)
        assert await view.roles() == {"owner": frozenset({"key:1"})}
        assert await view.delegations("key:2") == [lent]
        assert await view.delegations("key:1") == []
    async with ledger.reading("other") as view:
        assert (await view.tools(), await view.policies(), await view.roles(), await view.delegations()) == (
            [],
            None,
            {},
            [],
        )
        assert await view.switch() == Switch(stopped=False)


async def test_a_destroyed_key_is_gone_for_good(ledger: DatabaseLedger) -> None:
    async with ledger.writing("shop") as unit:
        await unit.put_key("customer", b"wrapped", "m1")
        await unit.seal("p1", "arguments", Sealed("customer", b"secret"))
    async with ledger.writing("shop") as unit:
        assert await unit.sealed("p1", "arguments") == Sealed("customer", b"secret")
        assert (await unit.key("customer"), await unit.key("nobody")) == (b"wrapped", None)
        assert await unit.destroy_key("customer")
        assert not await unit.destroy_key("customer")
        assert await unit.key("customer") == b""


def test_two_processes_never_write_the_same_number(where: str | Path) -> None:
    """Two connections to one database, each a process of its own as far as the other knows."""

    async def both() -> list[int]:
        one, two = await Database.open(where), await Database.open(where)
        ledgers = [DatabaseLedger(each, FakeClock(NOW)) for each in (one, two)]

        async def write(ledger: DatabaseLedger) -> None:
            for _ in range(10):
                async with ledger.writing("shop") as unit:
                    await unit.append(Entry("note.added", {}))

        async with asyncio.timeout(30):
            await asyncio.gather(*map(write, ledgers))
        found = await numbers(ledgers[0])
        await one.close()
        await two.close()
        return found

    assert asyncio.run(both()) == [*range(1, 21)]
