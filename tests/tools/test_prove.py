"""What is printed as a proof: questions that nothing was fitted on, hybrid search beside the better of its lists."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path

import prove
import pytest

MODES = {
    "hybrid": {"ndcg@10": 0.75, "queries": 3},
    "dense": {"ndcg@10": 0.625, "queries": 3},
    "keyword": {"ndcg@10": 0.7, "queries": 3},
}


@pytest.fixture
def printed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> Callable[..., list[str]]:
    """What the program prints for these folders, with a `tillhand` that reports `MODES` whatever it is asked."""
    program = tmp_path / "bin" / "tillhand"
    program.parent.mkdir()
    program.write_text(f"#!{sys.executable}\nprint('''{json.dumps({'modes': MODES})}''')\n")
    program.chmod(0o755)
    monkeypatch.setattr(prove, "VENV", tmp_path)

    def run(*folders: str) -> list[str]:
        monkeypatch.setattr(sys, "argv", ["prove.py", *folders])
        prove.main()
        return capfd.readouterr().out.splitlines()

    return run


def test_sets_that_were_fitted_on_are_asked_for_their_odd_half_and_say_so(printed: Callable[..., list[str]]) -> None:
    lines = printed("data/scifact", "data/xquad-en", "data/anthropic-docs")
    asked = [line for line in lines if line.startswith("$ ")]
    assert [Path(line.split("--data ")[1].split()[0]).name for line in asked] == [
        "goldens.yaml",
        "scifact",
        "xquad-en",
        "anthropic-docs",
    ]
    assert ["--part odd" in line for line in asked] == [True, False, True, True]
    assert sum("the odd half" in line for line in lines) == 3


def test_hybrid_search_stands_beside_the_better_of_its_lists(printed: Callable[..., list[str]]) -> None:
    lines = printed()
    assert [line.split() for line in lines[2:5]] == [
        ["hybrid", "dense", "keyword"],
        ["ndcg@10", "0.75", "0.625", "0.7"],
        ["queries", "3", "3", "3"],
    ]
    assert lines[5].endswith("ndcg@10: +0.0500")
