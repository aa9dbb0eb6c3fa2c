"""What `tillhand doctor` finds."""

from __future__ import annotations

import os
from pathlib import Path

from tests.cli.shell import Ended, Shell
from tillhand_common.keys import KeyStore


async def test_doctor_reports_versions_settings_and_findings(shell: Shell) -> None:
    report = (await shell.tillhand("doctor", "--json", TILLHAND_RATE_LIMIT="5/minute")).json
    assert report["versions"]["chromadb"]
    limit = next(info for info in report["settings"]["rag"] if info["env"] == "TILLHAND_RATE_LIMIT")
    assert limit["value_masked"] == "5/minute"
    assert {"data folder", "keys"} <= {finding["subject"] for finding in report["findings"]}
    wrong = await shell.tillhand("doctor", "--json", TILLHAND_PORT="many")
    assert wrong.code == 1
    named = [finding for finding in wrong.json["findings"] if finding["status"] == "missing"]
    assert any("TILLHAND_PORT" in finding["detail"] for finding in named)


async def test_doctor_looks_at_the_key_store_that_is_named(shell: Shell, tmp_path: Path) -> None:
    named = tmp_path / "elsewhere.json"
    KeyStore(named).create("only-one", "agent")
    ended = await shell.tillhand("doctor", "--json", TILLHAND_KEYS_FILE=str(named))
    assert _finding(ended, "keys")["detail"] == f"1 active in {named}"


async def test_doctor_says_which_model_route_would_serve(shell: Shell, tmp_path: Path) -> None:
    missing = await shell.tillhand("doctor", "--json", TILLHAND_MODEL_DIR=str(tmp_path / "none"))
    assert missing.code == 1
    assert _finding(missing, "rag model")["remedy"] == "tillhand rag prepare"
    other = await shell.tillhand("doctor", "--json", TILLHAND_EMBEDDING_MODEL="someone/other-model")
    assert _finding(other, "rag model")["status"] == "missing"
    reference = {"TILLHAND_EMBEDDER": "sentence-transformers", "TILLHAND_EMBEDDING_THREADS": "3"}
    served = await shell.tillhand("doctor", "--json", **reference)
    assert "sentence-transformers on 3 threads" in _finding(served, "rag model")["detail"]


async def test_doctor_lives_with_a_port_that_is_none(shell: Shell) -> None:
    ended = await shell.tillhand("doctor", "--json", TILLHAND_RAG_PORT="abc")
    assert ended.code == 1
    assert "TILLHAND_RAG_PORT" in _finding(ended, "rag service")["detail"]


async def test_doctor_counts_cores_where_the_system_knows_no_affinity(shell: Shell, tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text("import os\nvars(os).pop('sched_getaffinity', None)  # as on macOS\n")
    ended = await shell.tillhand("doctor", "--json", PYTHONPATH=str(tmp_path))
    assert _finding(ended, "python")["detail"].endswith(f", {os.cpu_count()} cores")


def _finding(ended: Ended, subject: str) -> dict[str, str]:
    return next(finding for finding in ended.json["findings"] if finding["subject"] == subject)
