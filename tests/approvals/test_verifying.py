"""An export verified from files alone."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.approvals.test_audit import envelope, log, signed
from tillhand_approvals.adapters.signing import load_signer
from tillhand_approvals.commands import verify_export
from tillhand_approvals.errors import UnreadableExport


def proved(files: Path, checkpoints: str) -> Mapping[str, Any]:
    """The report on the export, given these checkpoints and the key that signed them."""
    return verify_export(files / "export.jsonl", checkpoints=files / checkpoints, public_keys=files / "audit.pub")


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """A folder with an export of thirty records, a checkpoint of the twentieth, and the public key."""
    lines, heads = log(30)
    signer = load_signer(tmp_path)
    (tmp_path / "export.jsonl").write_text("".join(f"{envelope(line)}\n" for line in lines))
    (tmp_path / "checkpoints.jsonl").write_text(json.dumps(signed(signer, heads[19]).body) + "\n")
    return tmp_path


def test_a_whole_export_holds_and_its_signatures_are_checked(files: Path) -> None:
    alone = verify_export(files / "export.jsonl")
    assert (alone["ok"], alone["tenant"], alone["records"], alone["covered"]) == (True, "shop", 30, 0)
    assert proved(files, "checkpoints.jsonl")["covered"] == 20
    unknown = verify_export(files / "export.jsonl", checkpoints=files / "checkpoints.jsonl")
    assert [each["kind"] for each in unknown["breaks"]] == ["unsigned"]


def test_the_answer_of_the_service_serves_as_checkpoints(files: Path) -> None:
    kept = [json.loads(line) for line in (files / "checkpoints.jsonl").read_text().splitlines()]
    (files / "answer.json").write_text(json.dumps({"items": kept}))
    assert proved(files, "answer.json")["covered"] == 20


def test_a_shortened_export_is_found_by_a_checkpoint(files: Path) -> None:
    lines = (files / "export.jsonl").read_text().splitlines(keepends=True)
    (files / "export.jsonl").write_text("".join(lines[:15]))
    assert [each["kind"] for each in proved(files, "checkpoints.jsonl")["breaks"]] == ["truncated"]


def test_a_file_that_is_no_export_says_so(files: Path) -> None:
    for name, text in (("missing.jsonl", None), ("empty.jsonl", ""), ("other.jsonl", "hello\n")):
        if text is not None:
            (files / name).write_text(text)
        with pytest.raises(UnreadableExport):
            verify_export(files / name)
