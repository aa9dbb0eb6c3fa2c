"""`tillhand demo`: the one story, on real processes and mocks, and everything that it proves."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.shell import Shell

CLAIMS = (
    "calling a tool that writes has changed nothing",
    "an agent cannot approve",
    "the upstream was written to exactly once",
    "with what the person had approved, not what the agent had asked",
    "the record holds: nothing changed, missing, reordered or cut off",
    "and the customer's address is not",
)


@pytest.mark.timeout(240)
async def test_the_story_holds_from_reading_to_the_verified_record(tmp_path: Path) -> None:
    ended = await Shell(tmp_path, "").tillhand("demo", "--json", "--folder", str(tmp_path / "kept"))
    document = ended.json
    assert (ended.code, [each["claim"] for each in document["claims"] if not each["held"]]) == (0, []), ended.err
    assert {each["claim"] for each in document["claims"]} >= set(CLAIMS)
    assert "Bracken Lane store" in ended.err, "the shop's own name is no address"
    log = (tmp_path / "kept" / "logs" / "mcp.log").read_text()
    assert "mara.lindqvist" not in log
