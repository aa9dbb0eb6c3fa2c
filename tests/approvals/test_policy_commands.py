"""`tillhand policies` against a running service, from the file that people write to what is in force."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.approvals.shop import Shop, shop
from tests.cli.shell import WITHOUT_ENV_FILE, Ended, run
from tillhand_approvals.commands import policies_text, read_policies_file
from tillhand_approvals.errors import InvalidPolicies

DENYING = """\
version: 1
default: deny
rules:
  - id: stock
    when:
      tools: stock_set
    then:
      action: deny
"""


async def tillhand(*words: str, opened: Shop | None = None) -> Ended:
    """Run the command for the operator of a shop."""
    environment = dict(WITHOUT_ENV_FILE)
    if opened is not None:
        environment |= {
            "TILLHAND_APPROVALS_URL": str(opened.http.base_url),
            "TILLHAND_API_KEY": opened.tokens["operator"],
        }
    return await run("policies", *words, env=environment)


async def test_a_file_is_tried_put_in_force_and_shown_again(tmp_path: Path) -> None:
    file = tmp_path / "policies.yaml"
    file.write_text(DENYING)
    async with shop(tmp_path / "data") as opened:
        await opened.propose()
        tried = await tillhand("try", str(file), "--json", opened=opened)
        assert [each["effect"] for each in json.loads(tried.out)["differences"]] == ["newly_denied"]
        put = await tillhand("put", str(file), "--replaces", "0", opened=opened)
        assert (put.code, put.out) == (0, "Version 1 is in force.\n")
        shown = await tillhand("show", opened=opened)
        again = tmp_path / "again.yaml"
        again.write_text(shown.out)
        assert shown.out.startswith("# Version 1, by key:")
        assert read_policies_file(again) == read_policies_file(file)
        late = await tillhand("put", str(file), "--replaces", "0", opened=opened)
        assert late.code != 0
        assert "version" in late.err


async def test_what_is_wrong_is_told_with_its_line(tmp_path: Path) -> None:
    file = tmp_path / "policies.yaml"
    file.write_text(DENYING.replace("action: deny", "action: maybe"))
    checked = await tillhand("check", str(file))
    assert checked.code != 0
    assert "line 8" in checked.err
    file.write_text(DENYING)
    assert (await tillhand("check", str(file))).code == 0


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(InvalidPolicies, match=r"none\.yaml"):
        read_policies_file(tmp_path / "none.yaml")
    with pytest.raises(InvalidPolicies):
        policies_text({"version": 99})
