"""The rules that the objectives become: committed as written, and tried in Prometheus' own program."""

from __future__ import annotations

import importlib
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from declarations import settings_class
from tests.deploy.promtool import ROOT, promtool, run_promtool, try_out
from tests.deploy.slo_rule_tests import down_tests, only, outage_after_history, rule_tests
from tillhand_common.metrics import Metrics
from tillhand_common.slo_burns import BURNS, span
from tillhand_common.slo_rules import DOWN_ALERT, RUNBOOKS, job_of, rules, rules_text
from tillhand_common.slos import FASTEST_BURN, Availability, Objective, ServiceObjectives, load_slos
from workspace import services

RULES = ROOT / "deploy" / "prometheus" / "rules.yaml"
SLOS = load_slos(ROOT / "slos")
OBJECTIVES = [(slos, objective) for slos in SLOS.values() for objective in slos.objectives]
STEP_OF_DAYS = 10
"""Minutes between two evaluations where three days are played."""

of_each_objective = pytest.mark.parametrize(
    ("slos", "objective"), OBJECTIVES, ids=[f"{slos.service}-{objective.id}" for slos, objective in OBJECTIVES]
)


def committed(**labels: str) -> dict[str, Any]:
    return only(yaml.safe_load(RULES.read_text()), labels)


def alerts(document: dict[str, Any]) -> list[dict[str, Any]]:
    return [rule for group in document["groups"] for rule in group["rules"] if "alert" in rule]


def test_the_committed_rules_are_as_the_objectives_say() -> None:
    assert RULES.read_text() == rules_text(SLOS.values()), "run `make docs`"


def test_the_same_objectives_in_another_order_give_the_same_text() -> None:
    assert rules_text(reversed(SLOS.values())) == rules_text(SLOS.values())
    assert yaml.safe_load(rules_text(SLOS.values())) == rules(SLOS.values())


@promtool
def test_prometheus_takes_the_committed_rules() -> None:
    count = sum(len(group["rules"]) for group in rules(SLOS.values())["groups"])
    assert f"{count} rules found" in run_promtool("check", "rules", str(RULES))


@promtool
@of_each_objective
def test_each_alert_fires_stays_silent_and_is_quiet_without_traffic(
    tmp_path: Path, slos: ServiceObjectives, objective: Objective
) -> None:
    try_out(tmp_path, committed(service=slos.service, objective=objective.id), rule_tests(slos, objective))


@promtool
@pytest.mark.parametrize("name", ["availability", "decision-latency"])
def test_an_alert_fires_as_soon_as_the_command_says(tmp_path: Path, name: str) -> None:
    slos = SLOS["approvals"]
    objective = next(each for each in slos.objectives if each.id == name)
    tests = [outage_after_history(slos, objective, STEP_OF_DAYS)]
    try_out(tmp_path, committed(service=slos.service, objective=name), tests, step=STEP_OF_DAYS)


@promtool
@pytest.mark.parametrize("service", SLOS)
def test_a_service_that_nobody_can_scrape_is_told(tmp_path: Path, service: str) -> None:
    document = committed(service=service)
    document["groups"][0]["rules"] = [rule for rule in alerts(document) if rule["alert"] == DOWN_ALERT]
    try_out(tmp_path, {"groups": document["groups"][:1]}, list(down_tests(SLOS[service])), step=1)


@promtool
def test_the_availability_of_one_route_is_watched_by_itself(tmp_path: Path) -> None:
    objective = SLOS["rag"].objectives[0].model_copy(update={"route": "GET /v1/documents/{document_id}/text"})
    slos = SLOS["rag"].model_copy(update={"objectives": (objective,)})
    try_out(tmp_path, only(rules([slos]), {"objective": objective.id}), rule_tests(slos, objective))


def test_each_objective_has_every_alert_with_its_labels_and_a_runbook_that_exists() -> None:
    found = [rule for rule in alerts(rules(SLOS.values())) if rule["alert"] != DOWN_ALERT]
    assert {tuple(rule["labels"].values()) for rule in found} == {
        (slos.service, objective.id, burn.severity, f"{burn.factor:g}")
        for slos, objective in OBJECTIVES
        for burn in BURNS
    }
    assert all((ROOT / place).is_file() for place in RUNBOOKS.values())
    assert {rule["annotations"]["runbook"] for rule in alerts(rules(SLOS.values()))} <= set(RUNBOOKS.values())


def test_the_documents_name_every_window_and_every_job() -> None:
    document = (ROOT / "docs" / "slos.md").read_text()
    for burn in BURNS:
        assert (
            f"| {burn.factor:g} | {span(burn.long_minutes)} | {span(burn.short_minutes)} | {burn.severity} |"
            in document
        )
    assert all(f"job_name: {job_of(service)}" in document for service in SLOS)


def test_the_windows_are_those_of_the_workbook() -> None:
    assert [(burn.factor, span(burn.long_minutes), span(burn.short_minutes), burn.severity) for burn in BURNS] == [
        (14.4, "1h", "5m", "page"),
        (6, "6h", "30m", "page"),
        (3, "1d", "2h", "ticket"),
        (1, "3d", "6h", "ticket"),
    ]
    assert [round(burn.budget_share(30), 4) for burn in BURNS] == [0.02, 0.05, 0.1, 0.1]
    assert max(burn.factor for burn in BURNS if burn.severity == "page") == FASTEST_BURN


def test_a_request_that_no_user_sent_is_in_no_ratio() -> None:
    shown = str(rules([SLOS["rag"]])["groups"][0]["rules"][0]["expr"])
    assert shown.count('route!~"/health|/metrics|/ready"') == shown.count("http_requests_total")


@of_each_objective
def test_the_service_has_the_series_that_its_rules_ask_for(slos: ServiceObjectives, objective: Objective) -> None:
    if not isinstance(objective.indicator, Availability):
        metrics = Metrics(slos.service)
        metrics.histogram("http_request_duration_seconds", "Time.").labels().observe(0.01)
        metrics.data_age(("shopify", "search_console")).labels("shopify").observe(60)
        (bound,) = set(re.findall(r'le="[^"]+"', str(rules([slos.model_copy(update={"objectives": (objective,)})]))))
        (metric,) = set(re.findall(r"\w+_seconds_bucket", str(_ratio_of(slos, objective))))
        assert re.search(rf"^{metric}{{[^}}]*{re.escape(bound)}", metrics.render().decode(), re.MULTILINE)


def _ratio_of(slos: ServiceObjectives, objective: Objective) -> str:
    return str(rules([slos.model_copy(update={"objectives": (objective,)})])["groups"][0]["rules"][0]["expr"])


def test_every_route_that_is_promised_exists(tmp_path: Path) -> None:
    for service in services():
        if service.name in SLOS:
            settings = settings_class(service)(data_dir=tmp_path)
            paths = importlib.import_module(f"{service.package}.app").create_app(settings).openapi()["paths"]
            there = {f"{method.upper()} {path}" for path, found in paths.items() for method in found}
            assert {each.route for each in SLOS[service.name].objectives if each.route} <= there
