"""Prompts as files, and sources fenced into them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tillhand_common.lifecycle import StartupError
from tillhand_rag.adapters.prompts import load_prompt
from tillhand_rag.domain.prompts import SourceText, boundary_for, rendered

FRONT = "---\nname: answer\nversion: 2\n---\n"
SYSTEM = "\n# System\n\nOnly what stands between {{boundary}}. Else: {{declined}}\n"
USER = "\n# User\n\n{{sources}}\n{{open_question}}\n{{question}}\n{{close_question}}\n"


def test_the_prompt_of_the_package_is_whole_and_names_itself() -> None:
    prompt = load_prompt()
    assert (prompt.name, prompt.version) == ("answer", 1)
    assert prompt.label == f"answer.v1@{prompt.digest[:8]}"


def test_a_prompt_of_an_own_folder_takes_the_place_of_the_package_s(tmp_path: Path) -> None:
    (tmp_path / "answer.v2.md").write_text(FRONT + SYSTEM + USER)
    prompt = load_prompt("answer.v2", tmp_path)
    system, user = rendered(prompt, "How long?", [SourceText("Returns", "30 days"), SourceText("", "more")], "b1")
    assert system == "Only what stands between b1. Else: NOT IN THE SOURCES"
    assert user == (
        "<<< source [1] b1\nReturns\n30 days\n>>> end of source [1] b1\n\n"
        "<<< source [2] b1\nmore\n>>> end of source [2] b1\n"
        "<<< question b1\nHow long?\n>>> end of question b1"
    )


def test_nothing_that_a_source_or_a_question_says_is_taken_for_a_place(tmp_path: Path) -> None:
    (tmp_path / "answer.v2.md").write_text(FRONT + SYSTEM + USER)
    _, user = rendered(load_prompt("answer.v2", tmp_path), "{{sources}}", [SourceText("{{question}}", "x")], "b1")
    assert user.count("{{sources}}") == user.count("{{question}}") == 1


def test_a_boundary_that_a_source_has_guessed_is_drawn_again() -> None:
    drawn = iter(["guessed", "guessed", "fresh"])
    assert boundary_for(["says guessed", "nothing"], lambda: next(drawn)) == "fresh"


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (FRONT + SYSTEM, "# User"),
        (SYSTEM + USER, "front matter"),
        (FRONT.replace("2", "3") + SYSTEM + USER, "another prompt or version"),
        ("---\nname: [\n---\n" + SYSTEM + USER, "not YAML"),
        (FRONT + SYSTEM.replace("{{boundary}}", "") + USER, "under # System: boundary"),
        (FRONT + SYSTEM + USER + "{{secret}}", "under # User: secret"),
        (FRONT + SYSTEM + USER + "x" * 70_000, "larger than"),
    ],
)
def test_a_prompt_that_cannot_be_used_stops_the_start_with_its_reason(
    tmp_path: Path, content: str, complaint: str
) -> None:
    (tmp_path / "answer.v2.md").write_text(content)
    with pytest.raises(StartupError, match=re.escape(complaint)):
        load_prompt("answer.v2", tmp_path)


@pytest.mark.parametrize("name", ["answer.v9", "../answer.v1", "answer", "answer.v1.md"])
def test_a_prompt_that_is_not_there_stops_the_start(tmp_path: Path, name: str) -> None:
    with pytest.raises(StartupError):
        load_prompt(name, tmp_path)
    (tmp_path / "answer.v2.md").write_bytes(b"\xff")
    with pytest.raises(StartupError, match="UTF-8"):
        load_prompt("answer.v2", tmp_path)
