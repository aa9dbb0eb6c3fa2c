"""Files in their redacted form."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tillhand_approvals.commands.redacting import redact_file
from tillhand_approvals.errors.redaction import ModelUnusable, UnreadableText

KEY = b"k" * 32


def test_a_text_comes_out_as_text(tmp_path: Path) -> None:
    path = tmp_path / "message.txt"
    path.write_text("Hello, I am Ann Lee.\nWrite to ann@example.com\n", "utf-8")
    assert "".join(redact_file(path)) == "Hello, I am [PERSON].\nWrite to [EMAIL]\n"


def test_json_is_redacted_by_its_fields(tmp_path: Path) -> None:
    path = tmp_path / "order.json"
    path.write_text(json.dumps({"title": "Jacket", "customer": {"name": "Hope"}}), "utf-8")
    assert json.loads("".join(redact_file(path))) == {"title": "Jacket", "customer": {"name": "[PERSON]"}}


def test_json_lines_come_out_line_by_line_with_stable_pseudonyms(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    path.write_text('{"customer_id":"C-1"}\n\n{"customer_id":"C-1"}\n{"customer_id":"C-2"}\n', "utf-8")
    first, blank, second, other = redact_file(path, key=KEY)
    assert blank == "\n"
    assert first == second != other
    assert list(redact_file(path, key=KEY)) == [first, blank, second, other]


@pytest.mark.parametrize(("name", "content"), [("a.json", b"{"), ("a.jsonl", b"{}\nx\n"), ("a.txt", b"\xff\xfe\xff")])
def test_a_file_that_cannot_be_read_is_refused_without_its_text(tmp_path: Path, name: str, content: bytes) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(UnreadableText) as refused:
        list(redact_file(path))
    assert "{" not in str(refused.value)


def test_a_folder_without_a_model_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("x", "utf-8")
    with pytest.raises(ModelUnusable):
        list(redact_file(path, ner=str(tmp_path)))
