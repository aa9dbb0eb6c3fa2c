"""The whole story over HTTP: proposed, decided once, executed once, on record."""

from __future__ import annotations

import asyncio
import json
import re
from pathlib import Path

import pytest

import tillhand_approvals
from tests.approvals.shop import ARGUMENTS, TOOL, shop
from tillhand_approvals.domain.happenings import RECORD_TYPES


async def test_an_agent_proposes_a_person_edits_and_approves_and_it_is_run_once(tmp_path: Path) -> None:
    async with shop(tmp_path) as here:
        made = await here.propose(justification="Ann asked for it: ann@example.com")
        assert made["state"] == "pending"
        assert made["arguments"] == ARGUMENTS | {"email": "[EMAIL]"}
        assert "ann@" not in json.dumps(made)
        edited = (await here.decide("operator", made, "edit", arguments=ARGUMENTS | {"count": 4})).json()
        assert (edited["state"], edited["edited"]) == ("approved", True)
        assert edited["changes"] == [{"op": "replace", "path": "/count", "value": 4}]
        leased = await here.run(made, "lease", executor="mcp")
        assert leased.json()["arguments"] == ARGUMENTS | {"count": 4}
        assert leased.json()["idempotency_key"] == made["id"]
        token = leased.json()["token"]
        assert (await here.run(made, "lease", executor="mcp")).status_code == 409
        assert (await here.run(made, "heartbeat", token=token)).json()["stopped"] is False
        assert (await here.run(made, "result", token=token + 1, outcome="executed")).status_code == 409
        for _ in range(2):  # an executor that did not get the answer says it again
            done = await here.run(made, "result", token=token, outcome="executed", detail={"to": "ann@example.com"})
            assert done.json()["state"] == "executed"
            assert "ann@" not in done.text
        assert await here.types() == [
            "tools.registered",
            "proposal.created",
            "decision.made",
            "execution.started",
            "execution.finished",
        ]


async def test_of_many_decisions_at_once_one_has_effect_and_the_others_learn_whose(tmp_path: Path) -> None:
    async with shop(tmp_path) as here:
        made = await here.propose()
        verbs = ["approve", "reject", "revise"] * 20
        answers = await asyncio.gather(
            *(
                here.decide(("operator", "second", "third")[number % 3], made, verb, note="because")
                for number, verb in enumerate(verbs)
            )
        )
        decided = [answer.json() for answer in answers if answer.status_code == 200]
        refused = [answer.json() for answer in answers if answer.status_code != 200]
        assert len(decided) == 1
        winner = decided[0]["decision"]
        assert {each["type"] for each in refused} == {"urn:tillhand:problem:already-decided"}
        assert all(each["decision"]["actor"] == winner["actor"] for each in refused)
        assert all(each["decision"]["time"] == winner["time"] for each in refused)
        assert (await here.types()).count("decision.made") == 1


async def test_an_agent_cannot_decide_and_what_nobody_registered_is_denied(tmp_path: Path) -> None:
    async with shop(tmp_path) as here:
        made = await here.propose()
        assert (await here.decide("agent", made, "approve")).status_code == 403
        assert (await here.decide("service", made, "approve")).status_code == 403
        unknown = await here.call("agent", "POST", "/v1/proposals", {"tool": "drop_tables", "arguments": {}})
        assert unknown.json()["type"] == "urn:tillhand:problem:tool-not-registered"
        invalid = await here.call(
            "agent", "POST", "/v1/proposals", {"tool": "stock_set", "arguments": {"sku": "A", "count": -777}}
        )
        assert invalid.json()["faults"] == [{"pointer": "/count", "message": "does not meet minimum 0"}]
        assert "777" not in invalid.text


async def test_what_was_looked_at_is_what_is_approved(tmp_path: Path) -> None:
    async with shop(tmp_path) as here:
        made = await here.propose()
        stale = await here.decide("operator", made | {"digest": "0" * 64}, "approve")
        assert stale.status_code == 412
        assert (await here.get(made))["state"] == "pending"


async def test_the_same_idempotency_key_makes_one_proposal(tmp_path: Path) -> None:
    body = {"tool": "stock_set", "arguments": ARGUMENTS}
    async with shop(tmp_path) as here:
        answers = [await here.call("agent", "POST", "/v1/proposals", body, **{"idempotency-key": "k1"}) for _ in "ab"]
        assert answers[0].json()["id"] == answers[1].json()["id"]
        other = await here.call("agent", "POST", "/v1/proposals", body | {"risk": "high"}, **{"idempotency-key": "k1"})
        assert other.status_code == 422


async def test_a_quorum_wants_different_people_of_the_right_roles(tmp_path: Path) -> None:
    rule = {"id": "all", "then": {"action": "require_approval", "approvals": 2, "roles": ["manager"]}}
    async with shop(tmp_path) as here:
        put = await here.call("operator", "PUT", "/v1/policies", {"version": 1, "rules": [rule]})
        assert put.json()["version"] == 1, put.text
        made = await here.propose()
        assert made["requirement"]["policy_version"] == 1
        assert (await here.decide("second", made, "approve")).json()["type"].endswith("not-eligible")
        await here.call("operator", "PUT", "/v1/roles/manager", {"members": here.people})
        first = await here.decide("second", made, "approve")
        assert (first.json()["state"], len(first.json()["votes"])) == ("pending", 1)
        assert (await here.decide("second", made, "approve")).json()["type"].endswith("already-voted")
        assert (await here.decide("operator", made, "approve")).json()["type"].endswith("not-eligible")
        assert (await here.decide("third", made, "approve")).json()["state"] == "approved"


async def test_a_delegate_decides_in_the_place_of_somebody_but_not_twice(tmp_path: Path) -> None:
    rule = {"id": "all", "then": {"action": "require_approval", "approvals": 2, "roles": ["manager"]}}
    async with shop(tmp_path) as here:
        second, third = here.people
        await here.call("operator", "PUT", "/v1/policies", {"version": 1, "rules": [rule]})
        await here.call("operator", "PUT", "/v1/roles/manager", {"members": [second]})
        lent = {"taker": third, "roles": ["manager"], "ends_at": "2099-01-01T00:00:00Z"}
        assert (await here.call("third", "POST", "/v1/delegations", lent)).status_code == 403
        given = await here.call("second", "POST", "/v1/delegations", lent)
        assert given.status_code == 201
        made = await here.propose()
        voted = (await here.decide("third", made, "approve")).json()
        assert voted["votes"][0]["giver"] == second
        assert (await here.decide("second", made, "approve")).json()["type"].endswith("already-voted")
        other = await here.propose()
        await here.call("second", "DELETE", f"/v1/delegations/{given.json()['id']}")
        assert (await here.decide("third", other, "approve")).status_code == 403


async def test_a_decision_can_be_taken_back_before_it_is_released(tmp_path: Path) -> None:
    async with shop(tmp_path, undo_s=3_600) as here:
        made = await here.propose()
        await here.decide("operator", made, "approve")
        early = await here.run(made, "lease", executor="mcp")
        assert early.json()["type"].endswith("not-released")
        assert int(early.headers["retry-after"]) > 3_000
        assert (await here.decide("second", made, "undo")).status_code == 403
        assert (await here.decide("operator", made, "undo")).json()["state"] == "pending"
        assert (await here.decide("second", made, "reject", note="no")).json()["state"] == "rejected"


async def test_the_kill_switch_stops_execution_and_is_on_record(tmp_path: Path) -> None:
    async with shop(tmp_path) as here:
        made = await here.propose()
        await here.decide("operator", made, "approve")
        await here.call("operator", "PUT", "/v1/switch", {"stopped": True, "note": "stop"})
        assert (await here.call("service", "GET", "/v1/executors/mcp/work")).json()["stopped"] is True
        assert (await here.run(made, "lease", executor="mcp")).json()["type"].endswith("execution-stopped")
        await here.call("operator", "PUT", "/v1/switch", {"stopped": False})
        assert (await here.run(made, "lease", executor="mcp")).status_code == 200
        assert (await here.types()).count("switch.changed") == 2


async def test_several_are_decided_at_once_each_for_itself(tmp_path: Path) -> None:
    async with shop(tmp_path) as here:
        made = [await here.propose() for _ in range(3)]
        await here.decide("second", made[1], "reject", note="no")
        items = [{"id": each["id"], "digest": each["digest"]} for each in made]
        answer = await here.call("operator", "POST", "/v1/decisions", {"decision": "approve", "proposals": items})
        states = [each["proposal"] and each["proposal"]["state"] for each in answer.json()["items"]]
        assert states == ["approved", None, "approved"]
        assert answer.json()["items"][1]["problem"]["status"] == 409


async def test_only_a_look_on_record_shows_what_is_withheld_and_erasing_ends_it(tmp_path: Path) -> None:
    async with shop(tmp_path) as here:
        made = await here.propose()
        path = f"/v1/proposals/{made['id']}?view=full"
        assert (await here.call("agent", "GET", path)).status_code == 403
        assert (await here.call("operator", "GET", path)).json()["full"]["arguments"] == ARGUMENTS
        assert (await here.types())[-1] == "vault.viewed"
        assert (await here.call("operator", "DELETE", f"/v1/subjects/{made['subject']}")).status_code == 204
        assert (await here.call("operator", "GET", path)).status_code == 410
        report = (await here.call("operator", "POST", "/v1/audit/verify")).json()
        assert report["ok"], report


async def test_nothing_personal_lies_in_the_data_folder_in_the_clear(tmp_path: Path) -> None:
    async with shop(tmp_path) as here:
        made = await here.propose(justification="Write to ann@example.com, +49 30 1234567")
        await here.decide("operator", made, "reject", note="ann@example.com is unknown")
        await here.call("operator", "POST", f"/v1/proposals/{made['id']}/notes", {"text": "ask ann@example.com"})
    held = b"".join(path.read_bytes() for path in (tmp_path / "approvals").iterdir() if path.is_file())
    assert b"ann@example.com" not in held
    assert b"1234567" not in held


@pytest.mark.parametrize("after", [None, 0, 2])
async def test_the_feed_gives_what_was_missed_and_then_what_comes(tmp_path: Path, after: int | None) -> None:
    async with shop(tmp_path) as here:
        made = await here.propose()
        last = {} if after is None else {"last-event-id": str(after)}
        async with (
            asyncio.timeout(10),
            here.http.stream("GET", "/v1/events", headers=here.headers("operator") | last) as stream,
        ):
            lines = stream.aiter_lines()
            ids, beat = [], False
            await here.decide("operator", made, "reject", note="no")
            async for line in lines:
                beat = beat or line == "event: heartbeat"
                if line.startswith("id: "):
                    ids.append(int(line[4:]))
                if ids[-1:] == [3] and beat:
                    break
        assert ids == {None: [2, 3], 0: [1, 2, 3], 2: [3]}[after]  # without a number the first tells the position


async def test_another_executor_cannot_take_a_tool_or_its_work(tmp_path: Path) -> None:
    async with shop(tmp_path) as here:
        taken = await here.call("service", "PUT", "/v1/executors/other/tools", {"tools": [TOOL]})
        assert taken.json()["type"].endswith("tool-taken")
        made = await here.propose()
        await here.decide("operator", made, "approve")
        assert (await here.run(made, "lease", executor="other")).status_code == 409


async def test_metrics_count_what_happened_and_how_long_people_took(tmp_path: Path) -> None:
    async with shop(tmp_path) as here:
        made = await here.propose()
        await here.decide("operator", made, "reject", note="no")
        text = (await here.http.get("/metrics")).text
    assert 'approvals_records_total{type="proposal.created"} 1.0' in text
    assert 'approvals_records_total{type="decision.made"} 1.0' in text
    assert 'approvals_decision_seconds_count{decision="reject"} 1.0' in text


def test_every_record_that_can_be_written_is_counted_by_its_type() -> None:
    package = Path(tillhand_approvals.__file__).parent
    sources = "".join(path.read_text() for part in ("domain", "service") for path in (package / part).rglob("*.py"))
    written = set(re.findall(r'(?:Happening|Entry|entry)\(\s*"([a-z]+\.[a-z_]+)"', sources))
    assert written == set(RECORD_TYPES)


async def test_what_waits_is_withdrawn_when_its_tool_becomes_another(tmp_path: Path) -> None:
    async with shop(tmp_path) as opened:
        small = await opened.propose(arguments={"sku": "A", "count": 3})
        large = await opened.propose(arguments={"sku": "A", "count": 300})
        approved = await opened.propose(arguments={"sku": "B", "count": 300})
        await opened.decide("operator", approved, "approve")
        schema = {"type": "object", "properties": {"sku": {}, "count": {"type": "integer", "maximum": 100}}}
        await opened.register({**TOOL, "version": "2", "subject": None, "schema": schema})
        states = {made["id"]: (await opened.get(made))["state"] for made in (small, large, approved)}
        assert states == {small["id"]: "cancelled", large["id"]: "cancelled", approved["id"]: "cancelled"}
        again = await opened.propose(arguments={"sku": "A", "count": 3})
        await opened.register({**TOOL, "version": "3", "subject": None, "schema": schema, "title": "Set the stock"})
        assert (await opened.get(again))["state"] == "pending"
        await opened.register({**TOOL, "name": "other"})
        assert (await opened.get(again))["decision"]["actor"] == "system"
