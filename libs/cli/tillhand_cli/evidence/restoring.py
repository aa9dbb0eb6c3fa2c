"""Backup, loss and restore: everything is copied while it serves, deleted, put back, and compared."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from tillhand_cli.errors import CommandError, ExitCode
from tillhand_cli.evidence.judging import Finding, found
from tillhand_cli.evidence.recording import verified_record
from tillhand_cli.evidence.scene import Scene, without_settings
from tillhand_common.keys import KeyStore, store_path

WITHIN_S: Final = 120.0


async def restore(scene: Scene) -> Finding:
    """Whether what a backup holds is all that was there. The archive holds keys, so only its manifest is kept."""
    with tempfile.TemporaryDirectory(prefix="tillhand-archive-") as name:
        archives = Path(name)
        manifest = await _backup(scene, "create", archives)
        await _backup(scene, "verify", archives, "latest")
        before = await _facts(scene)
        await scene.platform.stop()
        left = _wiped(scene.platform.folder)
        await _backup(scene, "restore", archives, "latest")
    ready_s = await scene.platform.start()
    after = await _facts(scene)
    verified = await verified_record(scene)
    return compared(scene, manifest, before, after, {"left": left, "verified": verified, "ready_s": round(ready_s, 1)})


def compared(
    scene: Scene, manifest: dict[str, Any], before: dict[str, Any], after: dict[str, Any], told: dict[str, Any]
) -> Finding:
    """What came back, beside what had been there."""
    manifest.pop("path", None)
    files = (
        scene.write_json("backup/manifest.json", manifest),
        scene.write_json("backup/restored.json", {"before": before, "after": after, **told}),
    )
    other = [name for name, value in before.items() if after[name] != value]
    holds = bool(told["verified"]["ok"])
    counts = {name: len(value) for name, value in before.items()}
    summary = f"{len(manifest['files'])} files backed up, everything deleted, restored; "
    summary += ", ".join(f"{count} {name}" for name, count in counts.items())
    summary += f" as before, except {', '.join(other)}" if other else " as before"
    summary += "; the record verifies" if holds else "; the record does not verify"
    something = all(counts.values())
    summary += "" if something else "; but there was nothing to lose in some of them"
    return found(holds and not other and something and not told["left"], f"{summary}.", counts, *files)


async def _backup(scene: Scene, *words: str | Path) -> dict[str, Any]:
    command, folder, *more = map(str, words)
    settings = {**without_settings(os.environ), "TILLHAND_DATA_DIR": str(scene.platform.folder.resolve())}
    arguments = ("-m", "tillhand_cli", "backup", command, *more, "--folder", folder, "--json")
    ended = await scene.run(sys.executable, *arguments, within_s=WITHIN_S, **settings, PYTHON_DOTENV_DISABLED="1")
    if ended.code != 0:
        raise CommandError(f"tillhand backup {command}: {ended.err.strip()[-400:]}", code=ExitCode.PARTLY)
    return ended.json


def _wiped(folder: Path) -> int:
    """Delete all that the platform has kept; how many files are left."""
    for entry in folder.iterdir():
        if entry.is_dir():
            shutil.rmtree(entry)
        else:
            entry.unlink()
    return sum(1 for _ in folder.rglob("*"))


async def _facts(scene: Scene) -> dict[str, Any]:
    """What anybody would miss."""
    documents = (await scene.ask("rag", "/v1/documents", who="operator")).json()["items"]
    texts = [
        (await scene.ask("rag", f"/v1/documents/{quote(each['id'], safe='')}/text", who="operator")).text
        for each in documents
    ]
    proposals = (await scene.ask("approvals", "/v1/proposals?limit=100", who="operator")).json()["items"]
    stored = KeyStore(store_path(scene.platform.folder)).list()
    return {
        "documents": [{"id": each["id"], "source": each["source"]} for each in documents],
        "texts": texts,
        "proposals": [{"id": each["id"], "state": each["state"], "digest": each["digest"]} for each in proposals],
        "keys": sorted(each.id for each in stored),
    }
