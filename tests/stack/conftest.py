"""What the tests of the running stack share: they are skipped without one, and say what they have seen."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.stack import running

LIMIT_S = 900
Evidence = Callable[[str], None]


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "point(number): the point of `make deploy-check` that a test proves")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Containers start and stop in most of these tests, on machines that have much else to do."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.timeout(LIMIT_S))
            item.add_marker(pytest.mark.skipif(not running.STACK, reason="wants the running stack: make stack-test"))


@pytest.fixture(autouse=True)
def _belongs_to_a_point(request: pytest.FixtureRequest, record_property: Callable[[str, object], None]) -> None:
    marker = request.node.get_closest_marker("point")
    if marker is not None:
        record_property("point", marker.args[0])


@pytest.fixture
def evidence(record_property: Callable[[str, object], None]) -> Evidence:
    """Say what was seen: it is printed, and stands beside the point of `make deploy-check`."""

    def say(line: str) -> None:
        record_property("evidence", line)
        sys.stdout.write(f"{line}\n")

    return say


@pytest.fixture
def within(evidence: Evidence) -> Callable[[str, float, float], None]:
    """Hold a promised time. A machine that has much else to do can show neither that it is kept nor that it is not."""

    def check(what: str, took_s: float, promised_s: float) -> None:
        evidence(f"{what}: {took_s:.1f} s (promised: {promised_s:g} s)")
        load, cores = os.getloadavg()[0], os.cpu_count() or 1
        if took_s > promised_s and load > 2 * cores:
            pytest.skip(f"{what}: {took_s:.1f} s at a load of {load:.0f} on {cores} cores says nothing")
        assert took_s <= promised_s, what

    return check


@pytest.fixture(scope="session")
def operator_key() -> str:
    return running.inside("rag", "cat", "/data/keys/operator.key")


@pytest.fixture(scope="session")
def agent_key() -> str:
    return running.inside("rag", "cat", "/data/keys/agent.key")


@pytest.fixture(scope="session")
def service_key() -> str:
    return running.inside("rag", "cat", "/data/keys/service.key")
