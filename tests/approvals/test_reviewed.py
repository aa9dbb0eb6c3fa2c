"""Ways around the rules that were tried once: none of them leads anywhere."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.approvals.shop import ARGUMENTS, Shop, shop
from tests.approvals.test_audit import log
from tillhand_approvals.app.opening import open_approvals
from tillhand_approvals.domain.audit import cloud_event, verify
from tillhand_approvals.settings import ApprovalsSettings
from tillhand_common.clock import SystemClock
from tillhand_common.keys import DEFAULT_SCOPES, KeyStore, store_path
from tillhand_common.lifecycle import StartupError

REFUND: dict[str, Any] = {
    "name": "refund",
    "version": "1",
    "risk": "low",
    "amount": "/amount",
    "schema": {"type": "object", "properties": {"amount": {"type": "integer"}}, "required": ["amount"]},
}
POINTS: dict[str, Any] = {
    "name": "points",
    "version": "1",
    "risk": "low",
    "subject": "/member",
    "schema": {"type": "object", "properties": {"member": {"type": "string"}}},
}


def rule(name: str, role: str, **when: object) -> dict[str, Any]:
    then = {"action": "require_approval", "approvals": 1, "roles": [role]}
    return {"id": name, "when": {"tools": ["refund"], **when}, "then": then}


async def roled(opened: Shop) -> None:
    """Small refunds are for support, large ones for finance."""
    await opened.register(REFUND)
    rules = [rule("big", "finance", amount={"gte": 1000}), rule("small", "support")]
    assert (await opened.call("operator", "PUT", "/v1/policies", {"version": 1, "rules": rules})).status_code == 200
    for role, member in (("support", opened.people[0]), ("finance", opened.people[1])):
        await opened.call("operator", "PUT", f"/v1/roles/{role}", {"members": [member]})


def unmasker(opened: Shop) -> None:
    """Somebody who may see names."""
    scopes = DEFAULT_SCOPES["operator"] | {"audit:unmask"}
    store = KeyStore(store_path(opened.folder, None))
    opened.tokens["privacy"] = store.create("privacy", "operator", scopes=scopes).token


def on_disk(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


async def records(opened: Shop) -> str:
    return (await opened.call("operator", "GET", "/v1/audit?limit=500")).text


async def test_an_edit_does_not_approve_what_its_author_may_not_approve(tmp_path: Path) -> None:
    async with shop(tmp_path) as opened:
        await roled(opened)
        small = await opened.propose(tool="refund", arguments={"amount": 10})
        edited = (await opened.decide("second", small, "edit", arguments={"amount": 100_000})).json()
        assert (edited["state"], edited["votes"], edited["requirement"]["roles"]) == ("pending", [], ["finance"])
        assert (await opened.run(small, "lease", executor="mcp")).status_code == 409
        assert (await opened.decide("third", edited, "approve")).json()["state"] == "approved"


async def test_escalating_never_makes_it_easier(tmp_path: Path) -> None:
    async with shop(tmp_path) as opened:
        await roled(opened)
        big = await opened.propose(tool="refund", arguments={"amount": 100_000})
        refused = await opened.decide("third", big, "escalate", role="support")
        assert refused.json()["type"] == "urn:tillhand:problem:not-eligible"


async def test_trying_policies_is_for_who_writes_them_and_on_record(tmp_path: Path) -> None:
    async with shop(tmp_path) as opened:
        document = {"version": 1, "rules": []}
        assert (await opened.call("agent", "POST", "/v1/policies/dry-run", document)).status_code == 403
        assert (await opened.call("operator", "POST", "/v1/policies/dry-run", document)).status_code == 200
        assert (await opened.types()).count("policy.tried") == 1


async def test_nothing_on_disk_holds_what_came_in_as_it_came(tmp_path: Path) -> None:
    async with shop(tmp_path) as opened:
        unmasker(opened)
        made = await opened.propose()
        await opened.decide("operator", made, "approve")
        path, key = f"/v1/proposals/{made['id']}/execution/lease", {"idempotency-key": "k"}
        first, again = [await opened.call("service", "POST", path, {"executor": "mcp"}, **key) for _ in range(2)]
        assert first.json() == again.json()
        assert first.json()["arguments"] == ARGUMENTS
        assert (await opened.call("service", "POST", path, {"executor": "mcp"})).status_code == 409
        asked = {"pseudonym": made["subject"], "reason": "ann@example.com asked for it"}
        for _ in range(2):
            assert (await opened.call("privacy", "POST", "/v1/audit/unmask", asked, **key)).status_code == 200
        assert (await opened.types()).count("audit.unmasked") == 2
        await opened.call("operator", "PUT", "/v1/switch", {"stopped": True, "note": "ann@example.com called"})
        assert "ann@" not in await records(opened)
        secret = (
            await opened.call("operator", "POST", "/v1/webhooks", {"url": "https://hooks.example.com/a"}, **key)
        ).json()["secret"]
    held = on_disk(tmp_path)
    assert b"ann@example.com" not in held
    assert secret.encode() not in held


async def test_a_person_whom_a_pointer_names_is_known_nowhere_but_in_the_vault(tmp_path: Path) -> None:
    async with shop(tmp_path) as opened:
        await opened.register(POINTS)
        made = await opened.propose(
            tool="points", arguments={"member": "annmiller92"}, justification="annmiller92 asks"
        )
        assert made["arguments"] == {"member": made["subject"]}
        assert "annmiller92" not in await records(opened)


async def test_a_pseudonym_does_not_take_the_place_of_a_name(tmp_path: Path) -> None:
    async with shop(tmp_path) as opened:
        unmasker(opened)
        made = await opened.propose()
        await opened.propose(arguments={**ARGUMENTS, "email": made["subject"]})
        asked = {"pseudonym": made["subject"], "reason": "a question"}
        found = await opened.call("privacy", "POST", "/v1/audit/unmask", asked)
        assert found.json()["identity"] == "ann@example.com"


async def test_an_edit_that_names_another_person_is_erased_with_them(tmp_path: Path) -> None:
    async with shop(tmp_path) as opened:
        bob = {**ARGUMENTS, "email": "bob@example.com"}
        other = await opened.propose(arguments=bob)
        made = await opened.propose()
        assert (await opened.decide("operator", made, "edit", arguments=bob)).json()["state"] == "approved"
        assert (await opened.call("operator", "DELETE", f"/v1/subjects/{other['subject']}")).status_code == 204
        assert (await opened.call("operator", "GET", f"/v1/proposals/{made['id']}?view=full")).status_code == 410


async def test_what_a_field_keeps_is_kept_at_that_field_alone(tmp_path: Path) -> None:
    evidence = {
        "vendor": {"contact": "Ann Miller, ann@example.com"},
        "status": {"comment": "ann@example.com"},
        "ids": ["ann@example.com"],
        "sku": "4111 1111 1111 1111",
        "note": {"ref": 4111111111111111},
        "phone": "tel-491511234567",
    }
    async with shop(tmp_path) as opened:
        await opened.propose(evidence=[evidence])
        told = await records(opened)
    for value in ("ann@example.com", "4111 1111 1111 1111", "4111111111111111", "491511234567"):
        assert value not in told, value


async def test_a_result_with_a_number_of_any_size_is_heard(tmp_path: Path) -> None:
    async with shop(tmp_path) as opened:
        made = await opened.propose()
        await opened.decide("operator", made, "approve")
        token = (await opened.run(made, "lease", executor="mcp")).json()["token"]
        told = await opened.run(made, "result", token=token, outcome="executed", detail={"id": 2**60, "text": "a\0b"})
        assert (told.status_code, told.json()["state"]) == (200, "executed")


@pytest.mark.parametrize(
    "body", [{"justification": "a\0b"}, {"evidence": [{"note": "a\0b"}]}, {"arguments": {"a": "\0"}}]
)
async def test_what_postgresql_could_not_keep_is_refused_on_both(tmp_path: Path, body: dict[str, Any]) -> None:
    async with shop(tmp_path) as opened:
        told = {"tool": "stock_set", "arguments": ARGUMENTS} | body
        assert (await opened.call("agent", "POST", "/v1/proposals", told)).status_code == 422


def test_a_forged_envelope_a_doubled_member_and_an_empty_one_are_found() -> None:
    lines = log(3)[0]
    record = json.loads(lines[1])
    whole = [
        cloud_event(line, n, "shop", "note.added", json.loads(line)["subject"], json.loads(line)["time"])
        for n, line in enumerate(lines, 1)
    ]
    assert verify(whole, "shop").ok
    forged = whole[1].replace("tillhand.note.added", "tillhand.decision.made", 1)
    doubled = lines[1].replace('"data":', '"data":{"word":"other"},"data":', 1)
    again = whole[1].replace('"specversion":"1.0"', '"specversion":"1.0","type":"x"', 1)
    for line in (forged, doubled, again):
        assert [each.kind for each in verify([whole[0], line, whole[2]], "shop").breaks] == ["changed"], line
    empty = verify([whole[0], '{"specversion":"1.0","data":{}}', whole[2]], "shop")
    assert {each.kind for each in empty.breaks} == {"malformed", "missing"}
    assert record["sequence"] == 2


async def test_nobody_takes_a_role_that_others_have(tmp_path: Path) -> None:
    async with shop(tmp_path) as opened:
        second, third = opened.people
        first = await opened.call("second", "PUT", "/v1/roles/finance", {"members": [second]})
        assert first.status_code == 204  # nobody had it
        taken = await opened.call("third", "PUT", "/v1/roles/finance", {"members": [second, third]})
        assert taken.json()["type"] == "urn:tillhand:problem:not-eligible"
        assert (
            await opened.call("second", "PUT", "/v1/roles/finance", {"members": [second, third]})
        ).status_code == 204


async def test_a_service_does_not_start_on_a_store_whose_keys_are_gone(tmp_path: Path) -> None:
    async with shop(tmp_path) as opened:
        await opened.propose()
    (tmp_path / "approvals" / "vault.keys").unlink()
    with pytest.raises(StartupError, match="vault"):
        async with open_approvals(ApprovalsSettings(data_dir=tmp_path), SystemClock()):
            pass
