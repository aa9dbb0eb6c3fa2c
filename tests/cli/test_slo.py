"""`tillhand slo`: rules for Prometheus, and what the alerts would do."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner

from tests.cli.shell import WITHOUT_ENV_FILE, Ended, run
from tillhand_cli.__main__ import app
from tillhand_common.slo_rules import HEADER

ROOT = Path(__file__).resolve().parents[2]
SLOS = str(ROOT / "slos")


def slo(*arguments: str) -> Ended:
    done = CliRunner().invoke(app, ["slo", *arguments, "--slos", SLOS])
    assert done.exception is None, done.output
    return Ended(done.exit_code, done.stdout, done.stderr)


def test_the_rules_are_printed_as_they_are_committed() -> None:
    assert slo("rules").out == (ROOT / "deploy" / "prometheus" / "rules.yaml").read_text()


def test_the_rules_of_one_service_are_written_to_a_file(tmp_path: Path) -> None:
    file = tmp_path / "rules.yaml"
    said = slo("rules", "--service", "rag", "--out", str(file)).out
    assert "2 groups" in " ".join(said.split())  # lines break where the path's length has them break
    assert file.read_text().startswith(HEADER)
    names = [group["name"] for group in yaml.safe_load(file.read_text())["groups"]]
    assert names == ["tillhand-rag-objectives", "tillhand-rag-objectives-budget"]


def test_the_rules_are_one_json_document_where_that_is_asked_for() -> None:
    assert json.loads(slo("rules", "--json").out) == yaml.safe_load(slo("rules").out)


def test_a_check_says_how_soon_each_alert_would_fire() -> None:
    found = slo("check", "--service", "approvals", "--json").json
    minutes: dict[str, list[Any]] = {}
    for each in found["alerts"]:
        minutes.setdefault(each["objective"], []).append((each["severity"], each["outage_minutes"]))
    assert found["ok"] is True
    assert minutes["availability"] == [("page", 0.9), ("page", 2.2), ("ticket", 4.3), ("ticket", 4.3)]
    assert minutes["proposal-latency"] == [("page", 43.2), ("page", 108), ("ticket", 216), ("ticket", 216)]
    assert [each["requests_per_hour"] for each in found["alerts"][:4]] == [120, 20, 5, 1.7]


def test_a_check_is_shown_as_a_table() -> None:
    shown = slo("check", "--service", "mcp").out
    assert "page 14.4" in shown
    assert "0.9 min" in shown
    assert "rag" not in shown


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (
            ("rules", "--service", "shop"),
            "has no objectives of shop; it has: analytics, approvals, dashboard, mcp, rag",
        ),
        (("rules", "--out", "nowhere/rules.yaml"), "nowhere/rules.yaml cannot be written: No such file"),
        (("check", "--slos", "nowhere"), "nowhere: there is no file of objectives"),
    ],
)
async def test_what_cannot_be_done_is_told(tmp_path: Path, arguments: tuple[str, ...], reason: str) -> None:
    (tmp_path / "slos").symlink_to(SLOS)
    ended = await run("slo", *arguments, env=WITHOUT_ENV_FILE, cwd=tmp_path)
    assert ended.code == 2
    assert reason in ended.err


async def test_an_objective_whose_page_could_never_fire_is_refused(tmp_path: Path) -> None:
    objective = {
        "id": "served",
        "description": "Most are served.",
        "indicator": {"kind": "availability"},
        "target": 0.93,
    }
    content = {"version": 1, "service": "rag", "window_days": 28, "objectives": [objective]}
    (tmp_path / "rag.yaml").write_text(yaml.safe_dump(content))
    ended = await run("slo", "check", "--slos", ".", env=WITHOUT_ENV_FILE, cwd=tmp_path)
    assert ended.code == 2
    assert "rag.yaml: objectives.served.target: must be above 0.9306" in ended.err
