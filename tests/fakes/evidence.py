"""A platform that is not there, criteria whose finding is known, and the report on them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Unpack

from tillhand_cli.demo.stage import Stage
from tillhand_cli.evidence.judging import Criterion, Finding, NotMeasured, green, red
from tillhand_cli.evidence.run import Report, judged_in_turn
from tillhand_cli.evidence.scene import Ended, Scene
from tillhand_common.http import Method, Options, UpstreamResponse
from tillhand_common.testing import FakeClock

SERVICES = ("rag", "mcp", "approvals", "analytics", "dashboard")


@dataclass
class FakePlatform:
    """Services that are not there, and what they have logged."""

    folder: Path
    logs: dict[str, str] = field(default_factory=dict)

    @property
    def urls(self) -> Mapping[str, str]:
        return {name: f"http://{name}.example" for name in SERVICES}

    def log(self, service: str) -> str:
        return self.logs.get(service, "")

    async def stage(self) -> Stage:
        raise NotImplementedError

    async def start(self) -> float:
        return 1.0

    async def stop(self) -> None:
        self.logs.clear()


class FakeScene(Scene):
    """A scene whose answers and programs a test decides."""

    answer: Callable[[str, Options], UpstreamResponse]
    ended: Ended

    async def ask(
        self,
        service: str,
        path: str,  # noqa: ARG002  # a test decides by the service alone
        *,
        method: Method = "GET",  # noqa: ARG002  # as above
        who: str | None = None,  # noqa: ARG002  # as above
        **options: Unpack[Options],
    ) -> UpstreamResponse:
        return self.answer(service, options)

    async def run(self, *command: str, within_s: float, **environment: str) -> Ended:  # noqa: ARG002  # as above
        return self.ended


def always(status: int, headers: Mapping[str, str], body: bytes = b"{}") -> Callable[[str, Options], UpstreamResponse]:
    """Every service answers the same."""
    return lambda service, _: UpstreamResponse(service, status, headers, body)


def measuring(finding: Finding | Exception) -> Callable[[Scene], Awaitable[Finding]]:
    async def measure(scene: Scene) -> Finding:
        if isinstance(finding, Exception):
            raise finding
        return finding

    return measure


def criterion(name: str, finding: Finding | Exception) -> Criterion:
    return Criterion(name, f"Is {name}", "all of it", "docs/x.md", "make x", measuring(finding))


async def report_of(scene: Scene) -> dict[str, Any]:
    """A report with one criterion of each colour, and text that is no markup."""
    file = scene.write("latency/p95.txt", "rag <search> p95 20 ms\n")
    findings: dict[str, Finding | Exception] = {
        "a": green("fine", {"p95": 1}, file),
        "b": NotMeasured("absent"),
        "c": red("<b>lost</b> | 3", {}),
    }
    criteria = [criterion(name, finding) for name, finding in findings.items()]
    judged = await judged_in_turn(criteria, scene, FakeClock(), lambda _: None)
    return Report(FakeClock().now(), 1.0, judged).as_json()
