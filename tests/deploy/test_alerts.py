"""The alerts beside the objectives: each fires in one case and stays silent in another, and each has its runbook."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.deploy.promtool import ROOT, promtool, run_promtool, try_out

ALERTS = ROOT / "deploy" / "prometheus" / "alerts.yaml"
DOCUMENT: dict[str, Any] = yaml.safe_load(ALERTS.read_text())
RULES = {rule["alert"]: rule for group in DOCUMENT["groups"] for rule in group["rules"]}
MINUTES = 400
"""How long each case is played: longer than any alert looks back and waits."""

Series = dict[str, str]
"""Samples, one a minute, by series."""


@dataclass(frozen=True)
class Tried:
    """What makes one alert fire, with the labels that it then has, and what comes near and does not."""

    fires: Series
    silent: Series
    labels: dict[str, str] = field(default_factory=dict)
    value: str = ""


def always(value: float, minutes: int = MINUTES) -> str:
    return f"{value:g}+0x{minutes}"


def growing(by: float, minutes: int = MINUTES) -> str:
    return f"0+{by:g}x{minutes}"


def check(state: int, *, critical: bool, minutes: int = MINUTES) -> Series:
    of = f'job="tillhand-rag",instance="rag:8001",check="store",critical="{str(critical).lower()}"'
    return {f"tillhand_check_state{{{of}}}": f"{always(state, minutes)} 0+0x{MINUTES - minutes}"}


AT = 'job="tillhand-rag",instance="rag:8001"'
RAG = {"job": "tillhand-rag", "instance": "rag:8001"}
MCP_SHOPIFY = {"job": "tillhand-mcp", "upstream": "shopify"}
UPSTREAM = 'job="tillhand-mcp",instance="mcp:8002",upstream="shopify"'
ANALYTICS = 'job="tillhand-analytics",instance="analytics:8004"'
HOUR = 60

TRIED = {
    "TillhandNotReady": Tried(
        check(2, critical=True), check(2, critical=False) | check(1, critical=True), RAG | {"check": "store"}
    ),
    "TillhandDegraded": Tried(check(1, critical=False), check(1, critical=False, minutes=25), RAG | {"check": "store"}),
    "TillhandRestarts": Tried(
        {f"process_start_time_seconds{{{AT}}}": growing(1)},
        {f"process_start_time_seconds{{{AT}}}": f"1+0x{MINUTES - 20} 2 3+0x19"},
        RAG,
    ),
    "TillhandFilesRunOut": Tried(
        {f"process_open_fds{{{AT}}}": always(900), f"process_max_fds{{{AT}}}": always(1000)},
        {f"process_open_fds{{{AT}}}": always(790), f"process_max_fds{{{AT}}}": always(1000)},
        RAG,
    ),
    "TillhandMetricsRefused": Tried(
        {f'tillhand_metrics_refused_total{{{AT},metric="m"}}': growing(1)},
        {f'tillhand_metrics_refused_total{{{AT},metric="m"}}': always(7)},
        {"job": "tillhand-rag", "metric": "m"},
    ),
    "TillhandBreakerOpen": Tried(
        {f"upstream_breaker_state{{{UPSTREAM}}}": always(2)},
        {f"upstream_breaker_state{{{UPSTREAM}}}": f"{always(2, 300)} {always(1, MINUTES - 300)}"},
        MCP_SHOPIFY,
    ),
    "TillhandBreakerFlaps": Tried(
        {f'upstream_breaker_transitions_total{{{UPSTREAM},state="open"}}': growing(0.1)},
        {f'upstream_breaker_transitions_total{{{UPSTREAM},state="open"}}': growing(0.05)},
        MCP_SHOPIFY,
    ),
    "TillhandUpstreamThrottles": Tried(
        {
            f'upstream_requests_total{{{UPSTREAM},outcome="throttled"}}': growing(3),
            f'upstream_requests_total{{{UPSTREAM},outcome="ok"}}': growing(7),
        },
        {
            f'upstream_requests_total{{{UPSTREAM},outcome="throttled"}}': growing(1),
            f'upstream_requests_total{{{UPSTREAM},outcome="ok"}}': growing(9),
        },
        MCP_SHOPIFY,
    ),
    "TillhandQuotaUsedUp": Tried(
        {'connector_quota_left{job="tillhand-mcp",connector="bing"}': always(0)},
        {'connector_quota_left{job="tillhand-mcp",connector="bing"}': always(1)},
        {"connector": "bing"},
    ),
    "TillhandSourcesUnread": Tried(
        {
            f'source_loads_total{{{ANALYTICS},outcome="failed"}}': growing(1),
            f'source_loads_total{{{ANALYTICS},outcome="read"}}': always(40),
        },
        {
            f'source_loads_total{{{ANALYTICS},outcome="failed"}}': growing(1),
            f'source_loads_total{{{ANALYTICS},outcome="read"}}': growing(0.1),
        },
        {"job": "tillhand-analytics"},
    ),
    "TillhandProposalsWait": Tried(
        {"approvals_oldest_pending_seconds": growing(60)}, {"approvals_oldest_pending_seconds": always(14_000)}
    ),
    "TillhandProposalsPile": Tried(
        {'approvals_proposals{state="pending"}': always(201)}, {'approvals_proposals{state="pending"}': always(200)}
    ),
    "TillhandApprovedNotRun": Tried(
        {
            'approvals_proposals{state="approved"}': always(2),
            'approvals_records_total{type="execution.started"}': always(9),
        },
        {
            'approvals_proposals{state="approved"}': always(2),
            'approvals_records_total{type="execution.started"}': growing(0.2),
        },
    ),
    "TillhandOutcomeUnknown": Tried(
        {'approvals_proposals{state="outcome_unknown"}': always(1)},
        {'approvals_proposals{state="executing"}': always(1)},
    ),
    "TillhandWebhooksDead": Tried(
        {'approvals_webhook_messages_total{outcome="dead"}': growing(1)},
        {'approvals_webhook_messages_total{outcome="away"}': growing(1)},
    ),
    "TillhandAuditBroken": Tried(
        {"approvals_audit_breaks": always(3)}, {"approvals_audit_breaks": always(0)}, value="3"
    ),
    "TillhandAuditUnverified": Tried(
        {"approvals_audit_verified_timestamp_seconds": always(-24 * 3600)},
        {"approvals_audit_verified_timestamp_seconds": growing(60)},
    ),
    "TillhandStreamsFallBehind": Tried(
        {f'sse_streams_ended_total{{{AT},reason="slow_client"}}': growing(1)},
        {f'sse_streams_ended_total{{{AT},reason="client_left"}}': growing(9)},
        {"job": "tillhand-rag"},
    ),
    "TillhandStreamsPile": Tried(
        {f"sse_streams_open{{{AT}}}": always(501)}, {f"sse_streams_open{{{AT}}}": always(500)}, RAG
    ),
    "TillhandEmbeddingCacheFull": Tried(
        {
            f"rag_embedding_cache_evictions_total{{{AT}}}": growing(10),
            f"rag_embedding_cache_entries{{{AT}}}": always(1000),
        },
        {
            f"rag_embedding_cache_evictions_total{{{AT}}}": growing(0.1),
            f"rag_embedding_cache_entries{{{AT}}}": always(1000),
        },
        RAG,
    ),
    "TillhandEmbeddingCacheCold": Tried(
        {
            f"rag_embedding_cache_hits_total{{{AT}}}": growing(1),
            f"rag_embedding_cache_misses_total{{{AT}}}": growing(99),
        },
        {
            f"rag_embedding_cache_hits_total{{{AT}}}": growing(1),
            f"rag_embedding_cache_misses_total{{{AT}}}": growing(20),
        },
        RAG,
    ),
    "TillhandModelUnused": Tried(
        {
            f'rag_chat_answers_total{{{AT},outcome="timeout"}}': growing(1),
            f'rag_chat_answers_total{{{AT},outcome="answered"}}': growing(0.5),
        },
        {
            f'rag_chat_answers_total{{{AT},outcome="left"}}': growing(2),
            f'rag_chat_answers_total{{{AT},outcome="answered"}}': growing(0.5),
        },
    ),
}


def played(alert: str, *, fires: bool) -> dict[str, Any]:
    """The case in promtool's own form."""
    tried, rule = TRIED[alert], RULES[alert]
    series = tried.fires if fires else tried.silent
    labels = tried.labels | rule["labels"]
    fired = {"exp_labels": labels, "exp_annotations": worded(rule["annotations"], labels, tried.value)}
    return {
        "name": f"{alert} {'fires' if fires else 'stays silent'}",
        "interval": "1m",
        "input_series": [{"series": name, "values": values} for name, values in series.items()],
        "alert_rule_test": [{"eval_time": f"{MINUTES}m", "alertname": alert, "exp_alerts": [fired] if fires else []}],
    }


def worded(annotations: dict[str, str], labels: dict[str, str], value: str) -> dict[str, str]:
    """The annotations as Prometheus fills them in."""
    given = {f"$labels.{name}": text for name, text in labels.items()} | {"$value": value}
    return {
        name: re.sub(r"{{ (\$[a-z.]+) }}", lambda found: given[found[1]], text) for name, text in annotations.items()
    }


def test_each_alert_is_tried() -> None:
    assert set(TRIED) == set(RULES)


@promtool
@pytest.mark.parametrize("alert", RULES)
def test_an_alert_fires_and_stays_silent(tmp_path: Path, alert: str) -> None:
    only = {"groups": [{"name": "tried", "rules": [RULES[alert]]}]}
    try_out(tmp_path, only, [played(alert, fires=True), played(alert, fires=False)], step=1)


@promtool
def test_prometheus_takes_them() -> None:
    assert f"{len(RULES)} rules found" in run_promtool("check", "rules", str(ALERTS))


@pytest.fixture(scope="module")
def known() -> set[str]:
    """The metrics that the services have, from the table that is written from them."""
    return set(re.findall(r"(?m)^\| `(\w+)` \|", (ROOT / "docs" / "metrics.md").read_text()))


@pytest.mark.parametrize("alert", RULES)
def test_an_alert_is_about_metrics_that_there_are_and_says_what_to_do(alert: str, known: set[str]) -> None:
    named = set(re.findall(r"\b[a-z]+(?:_[a-z]+)+\b(?=[{\[)\s]|$)", re.sub(r'"[^"]*"', "", RULES[alert]["expr"])))
    named -= {"max_over_time", "min_over_time"}
    assert named
    assert named <= known, named - known
    assert set(RULES[alert]["annotations"]) == {"summary", "description", "runbook"}
    assert RULES[alert]["labels"]["severity"] in {"page", "ticket"}
    assert (ROOT / RULES[alert]["annotations"]["runbook"]).is_file()


def test_groups_and_alerts_have_names_of_their_own() -> None:
    groups = [group["name"] for group in DOCUMENT["groups"]]
    named = [rule["alert"] for group in DOCUMENT["groups"] for rule in group["rules"]]
    assert len(groups) == len(set(groups))
    assert len(named) == len(set(named))
