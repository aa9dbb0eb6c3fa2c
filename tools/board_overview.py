"""What the boards show that look at all services: the overview, and the breakers."""

from __future__ import annotations

from typing import Final

from board_panels import Board, lines, rate

OVERVIEW: Final = Board(
    "overview",
    "Tillhand: overview",
    (
        (
            "State",
            (
                lines("Services", "short", 'sum by (job) (up{job=~"tillhand-.*"})', "{{job}}", "Instances scraped."),
                lines(
                    "Checks",
                    "short",
                    "max by (job, check) (tillhand_check_state)",
                    "{{job}} {{check}}",
                    "0 ok, 1 degraded, 2 failed, 3 not run yet.",
                ),
                lines(
                    "Alerts",
                    "short",
                    'count by (alertname) (ALERTS{alertstate="firing"}) or vector(0)',
                    "{{alertname}}",
                    "That fire now.",
                ),
            ),
        ),
        (
            "Work",
            (
                lines("Requests", "reqps", rate("http_requests_total", "job"), "{{job}}", "Answered, by service."),
                lines(
                    "Failed",
                    "percentunit",
                    'sum by (job) (rate(http_requests_total{status=~"5.."}[$__rate_interval]) or '
                    "0 * rate(http_requests_total[$__rate_interval])) / "
                    "sum by (job) (rate(http_requests_total[$__rate_interval]))",
                    "{{job}}",
                    "Share with a status from 500.",
                ),
                lines(
                    "Duration, 95 %",
                    "s",
                    "histogram_quantile(0.95, "
                    "sum by (job, le) (rate(http_request_duration_seconds_bucket[$__rate_interval])))",
                    "{{job}}",
                    "From arrival to the end.",
                ),
                lines("Proposals", "short", "sum by (state) (approvals_proposals)", "{{state}}", "That wait."),
                lines("Streams", "short", "sum by (job) (sse_streams_open)", "{{job}}", "Live streams."),
                lines(
                    "Memory",
                    "bytes",
                    'sum by (job) (process_resident_memory_bytes{job=~"tillhand-.*"})',
                    "{{job}}",
                    "Resident.",
                ),
            ),
        ),
        (
            "Objectives",
            (
                lines(
                    "Error budget used up",
                    "percentunit",
                    "tillhand:slo_budget_used:ratio",
                    "{{service}} {{objective}}",
                    "Above 1 an objective is missed.",
                    24,
                ),
            ),
        ),
    ),
)

BREAKERS: Final = Board(
    "breakers",
    "Tillhand: breakers",
    (
        (
            "Breakers",
            (
                lines(
                    "State",
                    "short",
                    "max by (job, upstream) (upstream_breaker_state)",
                    "{{job}} → {{upstream}}",
                    "0 closed, 1 half-open, 2 open.",
                    24,
                ),
                lines(
                    "Attempts by outcome",
                    "reqps",
                    rate("upstream_requests_total", "job, upstream, outcome"),
                    "{{job}} → {{upstream}} {{outcome}}",
                    "circuit_open: refused without a call.",
                    12,
                ),
                lines(
                    "Duration of attempts, 95 %",
                    "s",
                    "histogram_quantile(0.95, sum by (job, upstream, le) "
                    "(rate(upstream_request_duration_seconds_bucket[$__rate_interval])))",
                    "{{job}} → {{upstream}}",
                    "Answered or not.",
                    12,
                ),
                lines(
                    "Wait for a connection, 95 %",
                    "s",
                    "histogram_quantile(0.95, sum by (job, upstream, le) "
                    "(rate(upstream_pool_wait_seconds_bucket[$__rate_interval])))",
                    "{{job}} → {{upstream}}",
                    "In the pool of connections.",
                    24,
                ),
            ),
        ),
    ),
)
