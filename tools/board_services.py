"""What the board of each service shows: rate, errors and duration, and what is its own."""

from __future__ import annotations

from typing import Final

from board_panels import Board, Panel, Query, figure, lines, percentiles, rate


def served(job: str) -> tuple[Panel, ...]:
    """Rate, errors and duration of one service, and what it takes."""
    of, served_ = f'job="{job}"', f'job="{job}",route!~"/health|/ready|/metrics|/app/metrics"'
    return (
        figure("Instances", "short", f"sum(up{{{of}}})", "Instances that could be scraped."),
        figure(
            "Checks not well",
            "short",
            f"count(tillhand_check_state{{{of}}} > 0) or vector(0)",
            "Checks of readiness that are degraded, failed or not run.",
        ),
        figure("In flight", "short", f"sum(http_requests_in_flight{{{of}}})", "Requests being served."),
        figure("Streams", "short", f"sum(sse_streams_open{{{of}}})", "Live streams being served."),
        figure("Memory", "bytes", f"sum(process_resident_memory_bytes{{{of}}})", "Resident memory of all instances."),
        figure("Processor", "percentunit", f"sum(rate(process_cpu_seconds_total{{{of}}}[$__rate_interval]))", "Cores."),
        lines("Requests", "reqps", rate("http_requests_total", "route", served_), "{{route}}", "Answered, by route."),
        lines("By status", "reqps", rate("http_requests_total", "status", served_), "{{status}}", "0: client left."),
        percentiles("Duration", "http_request_duration_seconds", served_, "From arrival to the end, streams excepted."),
    )


def upstreams(job: str) -> tuple[Panel, ...]:
    of = f'job="{job}"'
    return (
        lines(
            "Attempts",
            "reqps",
            rate("upstream_requests_total", "upstream, outcome", of),
            "{{upstream}} {{outcome}}",
            "Calls of other systems, by outcome.",
        ),
        percentiles("Duration of attempts", "upstream_request_duration_seconds", of, "Answered or not."),
        lines(
            "Breakers",
            "short",
            f"max by (upstream) (upstream_breaker_state{{{of}}})",
            "{{upstream}}",
            "0 closed, 1 half-open, 2 open.",
        ),
    )


def objectives(service: str) -> tuple[Panel, ...]:
    of = f'service="{service}"'
    return (
        lines(
            "Error budget used up",
            "percentunit",
            f"tillhand:slo_budget_used:ratio{{{of}}}",
            "{{objective}}",
            "Of the objective's window; above 1 it is missed.",
            width=12,
        ),
        lines(
            "Bad events of the last hour",
            "percentunit",
            f"tillhand:slo_errors:ratio_rate1h{{{of}}}",
            "{{objective}}",
            "The share that burns the budget now.",
            width=12,
        ),
    )


OWN: Final[dict[str, tuple[Panel, ...]]] = {
    "rag": (
        lines("Searches", "ops", rate("rag_queries_total", "mode"), "{{mode}}", "Searches answered, by mode."),
        percentiles("Duration of searches", "rag_query_seconds", "", "Embedding included."),
        lines("Answers", "ops", rate("rag_answers_total", "outcome"), "{{outcome}}", "Whether the sources held one."),
        percentiles("Duration of answers", "rag_answer_seconds", "", "From question to checked quotes."),
        lines(
            "Documents", "ops", rate("rag_ingested_documents_total", "outcome"), "{{outcome}}", "What came of uploads."
        ),
        Panel(
            "Embedding cache",
            "ops",
            (
                Query("sum(rate(rag_embedding_cache_hits_total[$__rate_interval]))", "found"),
                Query("sum(rate(rag_embedding_cache_misses_total[$__rate_interval]))", "not found"),
                Query("sum(rate(rag_embedding_cache_evictions_total[$__rate_interval]))", "evicted"),
            ),
            "Texts by whether their vector was known.",
        ),
        figure("Vectors kept", "short", "sum(rag_embedding_cache_entries)", "In the embedding cache.", width=12),
        figure("On disk", "bytes", "sum(rag_embedding_cache_bytes)", "Bytes of the embedding cache.", width=12),
    ),
    "mcp": (
        lines(
            "Calls of tools that read",
            "ops",
            rate("connector_calls_total", "connector, outcome"),
            "{{connector}} {{outcome}}",
            "Cached and stale answers went to no upstream.",
            width=12,
        ),
        percentiles("Duration of calls", "connector_call_duration_seconds", "", "Those that went to the upstream."),
        figure("Quota left", "short", "min(connector_quota_left)", "The smallest of all, in its own unit."),
    ),
    "approvals": (
        lines("Waiting", "short", "sum by (state) (approvals_proposals)", "{{state}}", "Proposals in each open state."),
        lines("Oldest that waits", "s", "max(approvals_oldest_pending_seconds)", "oldest", "Age of it."),
        lines("Records", "ops", rate("approvals_records_total", "type"), "{{type}}", "What was committed."),
        percentiles("Until a decision", "approvals_decision_seconds", "", "From proposal to the decision on it."),
        figure("Breaks of the record", "short", "max(approvals_audit_breaks)", "Found by the last verification.", 8),
        figure(
            "Record verified",
            "s",
            "time() - max(approvals_audit_verified_timestamp_seconds)",
            "Time since the whole audit log was verified.",
            8,
        ),
    ),
    "analytics": (
        lines("Figures", "ops", rate("figures_total", "area, outcome"), "{{area}} {{outcome}}", "Asked for."),
        percentiles("Duration of calculations", "figure_duration_seconds", "", "Those that were not cached."),
        lines("Readings", "ops", rate("source_loads_total", "outcome"), "{{outcome}}", "Readings of the sources."),
        lines("Rows", "short", "max by (source) (source_rows)", "{{source}}", "What the last reading gave.", 24),
    ),
    "dashboard": (
        lines(
            "Asked of the services",
            "reqps",
            rate("upstream_requests_total", "upstream", 'job="tillhand-dashboard"'),
            "{{upstream}}",
            "What pages ask for.",
            24,
        ),
    ),
}


def of_service(name: str) -> Board:
    """Rate, errors, duration, and what is the service's own."""
    job = f"tillhand-{name}"
    rows = [("Served", served(job)), (f"What {name} does", OWN[name])]
    if name in {"mcp", "dashboard", "analytics"}:
        rows.append(("Called", upstreams(job)))
    rows.append(("Objectives", objectives(name)))
    return Board(name, f"Tillhand: {name}", tuple(rows))
