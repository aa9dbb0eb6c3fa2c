"""A secret that would be committed fails the gate, and nothing repeats it."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
import yaml

from secret_scan import LEDGER, accepted, judge
from tillhand_common.key_records import new_key
from tillhand_common.testing import FakeClock

PARTS = {
    "a key of ours": "",
    "a private key": "-----BEGIN " + "PRIVATE KEY-----",
    "a cloud's key": "AKIA" + "ABCDEFGHIJ234567",
    "a password": "password = '" + "correct-horse-battery" + "'",
    "a password in an address": "postgresql://tillhand:" + "c0rrect-horse" + "@db/approvals",
}


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A repository of one harmless file and one that git ignores."""
    subprocess.run(["git", "init", "--quiet", tmp_path], check=True)
    (tmp_path / ".gitignore").write_text("ignored/\n")
    (tmp_path / "README.md").write_text("Set `TILLHAND_SERVICE_KEY`, and keep the token.\n")
    return tmp_path


def secret(kind: str) -> str:
    return PARTS[kind] or new_key("k", "agent", "default", None, None, FakeClock().now()).token


def test_a_tree_without_secrets_passes(tree: Path) -> None:
    assert not judge(tree, tree / "none.yaml")


@pytest.mark.parametrize("kind", PARTS)
def test_a_planted_secret_is_found_and_not_repeated(tree: Path, kind: str) -> None:
    planted = secret(kind)
    (tree / "settings.py").write_text(f"# one\nvalue = {planted!r}\n")
    (fault, *_) = judge(tree, tree / "none.yaml")
    assert fault.startswith("settings.py:2: ")
    assert planted not in fault


def test_tests_may_make_secrets_up_but_hold_no_real_shape(tree: Path) -> None:
    (tree / "tests").mkdir()
    (tree / "tests" / "test_one.py").write_text(f"{secret('a password')}\n")
    assert not judge(tree, tree / "none.yaml")
    (tree / "tests" / "test_two.py").write_text(f"key = '{secret('a key of ours')}'\n")
    assert len(judge(tree, tree / "none.yaml")) == 1


def test_what_git_ignores_is_not_looked_at(tree: Path) -> None:
    (tree / "ignored").mkdir()
    (tree / "ignored" / "operator.key").write_text(secret("a key of ours"))
    assert not judge(tree, tree / "none.yaml")


def test_a_known_place_passes_until_something_else_stands_there(tree: Path) -> None:
    (tree / "docs.md").write_text(secret("a password in an address"))
    (fault,) = judge(tree, tree / "none.yaml")
    place, _, rest = fault.partition(": ")
    entry = f"{place.rpartition(':')[0]}: {rest.split(' is not in ')[0]}"
    ledger = tree / "ignored" / "ledger.yaml"
    ledger.parent.mkdir()
    ledger.write_text(yaml.safe_dump([{"reason": "a placeholder", "found": [entry]}]))
    assert not judge(tree, ledger)
    (tree / "docs.md").write_text(secret("a password in an address").replace("horse", "otter"))
    assert len(judge(tree, ledger)) == 2  # one that is new, one that is gone


def test_a_file_of_digests_is_known_at_large_for_that_kind_alone(tree: Path) -> None:
    (tree / "pins.py").write_text(f"pins = '{'0123456789abcdef' * 4}'\n")
    ledger = tree / "ignored" / "ledger.yaml"
    ledger.parent.mkdir()
    entries = ["pins.py: Hex High Entropy String *"]
    ledger.write_text(yaml.safe_dump([{"reason": "a digest of a file", "found": entries}]))
    assert len(judge(tree, tree / "none.yaml")) == 1
    assert not judge(tree, ledger)
    (tree / "pins.py").write_text(secret("a password in an address"))
    assert len(judge(tree, ledger)) == 2  # the password, and an entry that nothing answers to


def test_every_known_place_of_this_repository_has_a_reason() -> None:
    assert accepted(LEDGER)
