"""The 20 points: a point is proved by what was run and passed, and by nothing else."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import deploy_check

PASSED = '<testcase name="a"><properties>{}</properties></testcase>'
POINT = '<property name="point" value="{}"/>'
SEEN = '<property name="evidence" value="{}"/>'


def report(folder: Path, *cases: str) -> Path:
    file = folder / "report.xml"
    file.write_text(f"<testsuites><testsuite>{''.join(cases)}</testsuite></testsuites>")
    return file


def test_a_point_is_shown_by_the_evidence_of_its_tests(tmp_path: Path) -> None:
    one = PASSED.format(POINT.format(9) + SEEN.format("up in 20 s"))
    other = PASSED.format(POINT.format(9) + SEEN.format("small"))
    verdict = deploy_check.of_report(report(tmp_path, one, other))[9]
    assert verdict.proved
    assert verdict.evidence == ["up in 20 s", "small"]


@pytest.mark.parametrize("outcome", ["failure", "error", "skipped"])
def test_one_test_that_did_not_pass_is_enough_against_a_point(tmp_path: Path, outcome: str) -> None:
    one = PASSED.format(POINT.format(9) + SEEN.format("up in 20 s"))
    other = one.replace("</testcase>", f'<{outcome} message="too busy"/></testcase>')
    verdict = deploy_check.of_report(report(tmp_path, one, other))[9]
    assert not verdict.proved
    assert verdict.against == [f"a {outcome}: too busy"]
    assert "FAILED" in deploy_check.line(9, "up", verdict)


def test_a_point_without_evidence_is_not_proved(tmp_path: Path) -> None:
    assert not deploy_check.of_report(report(tmp_path, PASSED.format(POINT.format(9))))[9].proved
    assert deploy_check.of_report(tmp_path / "none.xml") == {}
    assert "nothing has shown it" in deploy_check.line(9, "up", deploy_check.Verdict())


def test_tests_that_are_not_there_prove_nothing() -> None:
    assert deploy_check.of_tests("tests/deploy/test_nothing.py").against == ["there is no tests/deploy/test_nothing.py"]


def test_there_are_twenty_and_each_running_one_has_tests() -> None:
    assert [*deploy_check.STATIC, *deploy_check.RUNNING] == [*range(1, 21)]
    folder = Path(__file__).resolve().parents[1] / "stack"
    marked = {
        int(number)
        for file in folder.glob("test_*.py")
        for number in re.findall(r"mark\.point\((\d+)\)", file.read_text("utf-8"))
    }
    assert marked == set(deploy_check.RUNNING)


def test_an_item_of_the_hardening_table_is_a_point() -> None:
    verdict = deploy_check.of_item("loopback")
    assert verdict.proved
    assert re.fullmatch(r"loopback: (\d+) of \1 services", verdict.evidence[0])
