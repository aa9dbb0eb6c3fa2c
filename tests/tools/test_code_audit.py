"""What bandit finds fails the gate, unless the line says why it may stay."""

from __future__ import annotations

from pathlib import Path

from code_audit import judge

SHELL = "import os\n\nos.system('ls')"
LINES = {
    "bare": SHELL,
    "excused": f"{SHELL}  # noqa: S605  # a constant of ours",
    "accepted": f"{SHELL}  # nosec B605 # a constant of ours",
    "blanket": f"{SHELL}  # nosec",
    "unexplained": f"{SHELL}  # nosec B605",
    "mistaken": f"{SHELL}  # noqa: S608  # a reason for something else",
}


def test_a_finding_fails_unless_its_line_says_why(tmp_path: Path) -> None:
    folder = tmp_path / "libs"
    folder.mkdir()
    for name, text in LINES.items():
        (folder / f"{name}.py").write_text(f"{text}\n")
    faults = dict(fault.split(" ", 1) for fault in judge(tmp_path, ("libs",)))
    assert faults.keys() == {f"libs/{name}.py:3:" for name in ("bare", "blanket", "unexplained", "mistaken")}
    assert faults["libs/bare.py:3:"].startswith("B605 ")
    assert faults["libs/unexplained.py:3:"] == "nosec without a rule and a reason"
