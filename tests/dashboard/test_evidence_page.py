"""The evidence on the console: as it was measured, or how it is measured, and never made up."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.visitor import Visitor
from tillhand_dashboard.settings import DashboardSettings

MOMENT = "2026-01-01T00:00:00.000Z"


def report(*states: str) -> dict[str, Any]:
    """What `tillhand evidence` leaves."""
    criteria = [
        {
            "id": f"c{number}",
            "title": f"Criterion {number}",
            "threshold": "all of it",
            "source": "docs/slos.md",
            "command": "make test",
            "state": state,
            "summary": f"It is <{state}>.",
            "figures": {"n": 1},
            "files": ["soak.jsonl"],
            "measured_at": MOMENT,
            "seconds": 1.0,
        }
        for number, state in enumerate(states)
    ]
    return {"version": 1, "measured_at": MOMENT, "machine": "a machine, 2 cores", "criteria": criteria}


def left(settings: DashboardSettings, text: str) -> Path:
    settings.evidence_file.parent.mkdir(exist_ok=True)
    settings.evidence_file.write_text(text)
    return settings.evidence_file


async def test_without_a_report_both_pages_say_how_it_is_made(operator: Visitor) -> None:
    await operator.open("/")
    assert "nothing is measured yet" in operator.text
    await operator.open("/evidence")
    assert "Run tillhand evidence" in operator.text


@pytest.mark.parametrize(
    ("states", "light", "word"),
    [
        (("green", "green"), "good", "Kept"),
        (("green", "amber"), "warn", "Not measured"),
        (("red", "amber", "green"), "bad", "Missed"),
        ((), "warn", "Not measured"),
    ],
)
async def test_the_worst_criterion_gives_the_light(
    operator: Visitor, settings: DashboardSettings, states: tuple[str, ...], light: str, word: str
) -> None:
    left(settings, json.dumps(report(*states)))
    board, page = await operator.open("/"), await operator.open("/evidence")
    badge = f'<span class="badge {light}">{word}</span>'
    assert badge in board.text
    assert badge in page.text
    for state in states:
        assert f"It is &lt;{state}&gt;." in page.text
    assert page.text.count("soak.jsonl") == len(states)


@pytest.mark.parametrize("text", ["", "{}", '{"version": 2}', "\x00"])
async def test_a_report_that_is_not_whole_is_no_report(
    operator: Visitor, settings: DashboardSettings, text: str
) -> None:
    left(settings, text)
    page = await operator.open("/evidence")
    assert page.status_code == 200
    assert "is not whole, or of another version" in operator.text
    board = await operator.open("/")
    assert '<span class="badge unknown">Unknown</span>' in board.text
