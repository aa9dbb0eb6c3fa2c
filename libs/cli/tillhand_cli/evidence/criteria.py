"""The exit criteria of the platform, in the order in which they are measured."""

from __future__ import annotations

from typing import Final

from tillhand_cli.evidence import (
    enduring,
    guarding,
    judged_elsewhere,
    loading,
    playing,
    recording,
    restoring,
)
from tillhand_cli.evidence.judging import Criterion

CRITERIA: Final = (
    Criterion(
        "ready",
        "All five services start and are ready",
        "5 of 5 ready within 60 s, each with its own checks",
        "docs/runbooks/install.md",
        "make up",
        playing.ready,
    ),
    Criterion(
        "story",
        "Agents propose, people decide, nothing else is written",
        "every claim of the demonstration holds",
        "README.md",
        "tillhand demo",
        playing.story,
    ),
    Criterion(
        "latency",
        "Answers come in time under a mixed load",
        "every latency objective that the mix asks: 12 requests a second, 20 s, all services at once",
        "docs/slos.md",
        "tillhand bench rag; tillhand bench analytics",
        loading.latency,
    ),
    Criterion(
        "availability",
        "Every request of the load is served",
        "0 failed",
        "docs/slos.md",
        "tillhand evidence --soak none",
        loading.availability,
    ),
    Criterion(
        "metrics",
        "Every service is watched",
        "5 of 5 scraped before and after the load, and each has counted it",
        "docs/metrics.md",
        "curl http://127.0.0.1:8001/metrics",
        loading.metrics,
    ),
    Criterion(
        "headers",
        "Every answer carries its security headers",
        "3 headers, 5 services, on an answer and on an error",
        "SECURITY.md",
        "curl -I http://127.0.0.1:3000/health",
        guarding.headers,
    ),
    Criterion(
        "masked-log",
        "Logs hold neither persons nor keys",
        "1 line or more of a request that holds both, and none in any log",
        "docs/policies.md",
        "grep -c th_ .tillhand/logs/*.log",
        guarding.masked_log,
    ),
    Criterion(
        "table",
        "Figures leave as a whole file",
        "CSV with rows, all of one width, the same bytes twice",
        "docs/analytics-exports.md",
        "curl http://127.0.0.1:8004/v1/inventory/reorder/export.csv",
        playing.table,
    ),
    Criterion(
        "audit-chain",
        "The record shows every change of itself",
        "verified by the service and offline; a copy with one word changed is found out",
        "docs/approvals.md",
        "tillhand audit verify",
        recording.chain,
    ),
    Criterion(
        "restore",
        "Everything that is kept comes back from a backup",
        "after a wipe: documents, texts, proposals and keys as before, and the record verifies",
        "docs/runbooks/restore.md",
        "tillhand backup create; tillhand backup restore latest",
        restoring.restore,
    ),
    Criterion(
        "contract",
        "Mocks and adapters keep to the vendors' schemas",
        "0 failed",
        "docs/connectors.md",
        'make test ARGS="tests/contract"',
        judged_elsewhere.contract,
    ),
    Criterion(
        "conformance",
        "The protocol's public suite finds nothing",
        "0 failed",
        "docs/connectors.md",
        "make conformance",
        judged_elsewhere.conformance,
    ),
    Criterion(
        "images",
        "There is an image of every service",
        "5 of 5, with their sizes",
        "deploy/Dockerfile",
        "make stack-test",
        judged_elsewhere.images,
    ),
    Criterion(
        "sbom",
        "Every image has its bill of materials",
        "5 of 5, none empty",
        "docs/dependencies.md",
        "make sbom",
        judged_elsewhere.bills,
    ),
    Criterion(
        "soak",
        "The live feed loses nothing over ten minutes",
        "200 followers under kills and a restart: 0 lost, 0 repeated, growth of memory 5 % at most",
        "docs/approvals.md",
        "tillhand soak approvals",
        enduring.soak,
    ),
)
