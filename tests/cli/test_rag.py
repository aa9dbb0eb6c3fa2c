"""Golden questions and indexes at the terminal."""

from __future__ import annotations

import json
from pathlib import Path

from tests.cli.shell import Shell

GOLDENS = """
version: 1
questions:
  - {id: oil, question: 'How often must I oil the wooden board?', answerable: true, quotes: [once a month]}
  - {id: cup, question: 'Who won the world cup in 1998?', answerable: false}
"""


async def test_golden_questions_are_kept_put_and_held_against_thresholds(
    shell: Shell, docs: Path, tmp_path: Path
) -> None:
    await shell.tillhand("ingest", str(docs))
    (tmp_path / "goldens.yaml").write_text(GOLDENS)
    report = tmp_path / "report.json"
    ended = await shell.tillhand("rag", "goldens", str(tmp_path / "goldens.yaml"), "--report", str(report))
    assert ended.code == 0, ended.err
    assert "2 golden questions are kept for default." in ended.err
    assert len(json.loads(report.read_text())["report"]["outcomes"]) == 2
    again = await shell.tillhand("rag", "goldens", "--json", "--threshold", "quote_hit@3=1.01")
    assert again.code == 1
    assert "quote_hit@3" in again.err
    assert again.json["report"]["figures"]["questions"] == 2
    for wrong in ("accuracy", "=1", "accuracy=much"):
        assert (await shell.tillhand("rag", "goldens", "--threshold", wrong)).code == 2


async def test_an_index_is_made_anew_and_taken_back(shell: Shell, docs: Path) -> None:
    await shell.tillhand("ingest", str(docs))
    assert (await shell.tillhand("rag", "rollback")).code == 2
    rebuilt = await shell.tillhand("rag", "rebuild")
    assert "main-000002 serves; main-000001 did before." in rebuilt.out, rebuilt.err
    listed = await shell.tillhand("rag", "indexes")
    assert "before: main-000001" in listed.out
    back = await shell.tillhand("rag", "rollback", "--json")
    assert (back.json["generation"], back.json["documents"]) == ("main-000001", 0)
    assert (await shell.tillhand("rag", "rebuild", "--index", "nothing")).code == 5
