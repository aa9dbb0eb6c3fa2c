"""Prove the 20 points of a deployment: the static ones, then those of the running stack (`make deploy-check`).

usage: deploy_check.py [--keep-engine]

A point is proved when everything that shows it was run and passed. What was skipped, or is not there, proves nothing.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from xml.etree import ElementTree as ET

import check
import yaml

import hardening
from workspace import ROOT

WIDEST: Final = 400


@dataclass(slots=True)
class Verdict:
    """What shows a point, and what speaks against it."""

    evidence: list[str] = field(default_factory=list)
    against: list[str] = field(default_factory=list)

    @property
    def proved(self) -> bool:
        return bool(self.evidence) and not self.against


def of_check(name: str) -> Verdict:
    """A check of `make check`."""
    command = check.CHECKS[name]
    done = subprocess.run([check.BIN / command[0], *command[1:]], cwd=ROOT, capture_output=True, text=True, check=False)
    said = (done.stdout + done.stderr).strip().splitlines()
    if done.returncode != 0:
        return Verdict(against=said[-3:] or [f"exit code {done.returncode}"])
    return Verdict([said[-1] if said else f"{' '.join(command)}: nothing to say"])


def of_item(*items: str) -> Verdict:
    """Items of the hardening table, over all services."""
    scored = hardening.scored(yaml.safe_load(hardening.COMPOSE.read_text("utf-8")))
    verdict = Verdict()
    for item in items:
        lacking = [service for service, has in scored[item].items() if not has]
        verdict.against += [f"{service}: {item}" for service in lacking]
        verdict.evidence.append(f"{item}: {len(scored[item]) - len(lacking)} of {len(scored[item])} services")
    return verdict


def of_tests(*paths: str) -> Verdict:
    """Tests that need no running stack; all of them have to pass, none may be skipped."""
    missing = [path for path in paths if not (ROOT / path).exists()]
    if missing:
        return Verdict(against=[f"there is no {path}" for path in missing])
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        command = [sys.executable, "-m", "pytest", "-q", "--numprocesses", "0", f"--junitxml={report}", *paths]
        subprocess.run(command, cwd=ROOT, capture_output=True, check=False)
        cases = list(ET.parse(report).iter("testcase")) if report.exists() else []  # noqa: S314 - pytest's own file
    against = [each for case in cases for each in troubles(case)]
    return Verdict([f"{len(cases)} tests passed: {' '.join(paths)}"] if cases and not against else [], against)


def troubles(case: ET.Element) -> Iterable[str]:
    """Why one test of a report does not count as passed."""
    for kind in ("failure", "error", "skipped"):
        for found in case.iter(kind):
            first = next(iter((found.get("message") or "").splitlines()), "")
            yield f"{case.get('name')} {kind}: {first}"


def of_report(report: Path) -> dict[int, Verdict]:
    """What the tests of the running stack have shown, by point."""
    verdicts: dict[int, Verdict] = {}
    if not report.exists():
        return verdicts
    for case in ET.parse(report).iter("testcase"):  # noqa: S314 - pytest's own file
        given = [(each.get("name"), each.get("value") or "") for each in case.iter("property")]
        for number in (int(value) for name, value in given if name == "point"):
            verdict = verdicts.setdefault(number, Verdict())
            verdict.evidence += [value for name, value in given if name == "evidence"]
            verdict.against += troubles(case)
    return verdicts


def stack() -> dict[int, Verdict]:
    """Run the stack's tests; their points."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "stack.xml"
        subprocess.run([sys.executable, "tools/stack.py", f"--junitxml={report}", *sys.argv[1:]], cwd=ROOT, check=False)
        return of_report(report)


STATIC: Final[dict[int, tuple[str, Callable[[], Verdict]]]] = {
    1: ("the Dockerfile passes hadolint", lambda: of_check("dockerfile")),
    2: ("the compose file holds to its schema", lambda: of_check("compose")),
    3: ("every container is hardened", lambda: of_check("hardening")),
    4: ("there are no default credentials", lambda: of_item("no credentials")),
    5: ("ports are on loopback", lambda: of_item("loopback", "inner network")),
    6: (
        "rules and alerts are tested",
        lambda: of_tests("tests/deploy/test_slo_rules.py", "tests/deploy/test_alerts.py"),
    ),
    7: ("every panel of the boards is fed", lambda: of_tests("tests/deploy/test_watched.py")),
    8: ("every variable is documented", lambda: of_check("variables")),
}
RUNNING: Final = {
    9: "one command brings it up; a broken service is named",
    10: "everything answers through the published ports",
    11: "the engine says that containers are hardened",
    12: "no secret stands in an environment or a history",
    13: "SIGTERM under load loses nothing",
    14: "a killed service comes back",
    15: "a held dependency is noticed, and no more",
    16: "data outlives the containers, and a backup brings it back",
    17: "three of a kind count exactly",
    18: "an alert reaches its webhook",
    19: "images keep their budgets and hold what their locks name",
    20: "nothing gets out",
}
ALL: Final = len(STATIC) + len(RUNNING)


def line(number: int, title: str, verdict: Verdict) -> str:
    """One point as a person reads it."""
    said = verdict.evidence if verdict.proved else verdict.against or ["nothing has shown it"]
    return f"{number:>3}  {'ok    ' if verdict.proved else 'FAILED'}  {title}\n{'':13}{' | '.join(said)[:WIDEST]}"


def main() -> int:
    verdicts = {number: (title, prove()) for number, (title, prove) in STATIC.items()}
    for number, (title, verdict) in verdicts.items():
        print(line(number, title, verdict), flush=True)
    shown = stack()
    verdicts |= {number: (title, shown.get(number, Verdict())) for number, title in RUNNING.items()}
    print("\n".join(line(number, title, verdict) for number, (title, verdict) in sorted(verdicts.items())))
    proved = sum(verdict.proved for _, verdict in verdicts.values())
    print(f"deploy-check: {proved} of {ALL}")
    return 0 if proved == ALL else 1


if __name__ == "__main__":
    sys.exit(main())
