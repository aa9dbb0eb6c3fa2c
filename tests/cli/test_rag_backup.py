"""Backups of the knowledge base alone at the terminal, and the way back, of one that runs and of one that does not."""

from __future__ import annotations

import shutil
from pathlib import Path

from tests.cli.shell import Shell


async def test_a_running_knowledge_base_is_backed_up_verified_listed_and_restored(shell: Shell, docs: Path) -> None:
    await shell.tillhand("ingest", str(docs))
    made = await shell.tillhand("rag", "backup", "create", "--json")
    assert made.code == 0, made.err
    name = made.json["id"]
    assert sum(index["documents"] for index in made.json["indexes"]) == 2
    assert (await shell.tillhand("rag", "backup", "verify", name)).out.startswith(f"{name} is whole: 2 documents")
    assert name in (await shell.tillhand("rag", "backup", "list")).out
    (docs / "care.txt").write_text("Never oil it.")
    await shell.tillhand("ingest", str(docs))
    elsewhere = docs.parent / "moved.tar"
    shutil.move(shell.data_dir / "backups" / f"{name}.tar", elsewhere)
    restored = await shell.tillhand("rag", "backup", "restore", str(elsewhere), "--json")
    assert restored.code == 0, restored.err
    assert (restored.json["documents"], restored.json["verified"]) == (2, True)
    assert "Oil the wooden board" in (await shell.tillhand("search", "wooden board")).out


async def test_a_damaged_archive_is_refused_before_anything_is_asked_for(shell: Shell, tmp_path: Path) -> None:
    (tmp_path / "holiday.tar").write_bytes(b"pictures" * 1_000)
    for command in ("verify", "restore"):
        ended = await shell.tillhand("rag", "backup", command, str(tmp_path / "holiday.tar"))
        assert ended.code == 2
        assert "no backup" in ended.err
    assert (await shell.tillhand("rag", "backup", "verify", "nothing")).code == 5


async def test_backups_of_a_knowledge_base_that_does_not_run_are_listed(shell: Shell) -> None:
    stopped = {"TILLHAND_RAG_URL": "", "TILLHAND_RAG_PORT": "9"}
    ended = await shell.tillhand("rag", "backup", "list", **stopped)
    assert (ended.code, ended.out) == (0, "There is no backup.\n")
    unreachable = await shell.tillhand("rag", "backup", "create", "--url", "http://127.0.0.1:9")
    assert unreachable.code == 3
