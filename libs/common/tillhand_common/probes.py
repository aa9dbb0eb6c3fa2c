"""The routes that machines ask about a service: /health, /ready and /metrics. None of them waits for anything."""

import json
from typing import Annotated, Final, Literal

from fastapi import APIRouter, Query
from starlette.responses import Response

from tillhand_common import context
from tillhand_common.clock import Clock, rfc3339
from tillhand_common.health import Readiness
from tillhand_common.lifecycle import READY_PATH, Drain
from tillhand_common.metrics import CONTENT_TYPE, Metrics
from tillhand_common.problems import Draining, NotReady, Problem, responses
from tillhand_common.security import NOBODY

JSON: Final = "application/json"

Purpose = Annotated[
    Literal["traffic"] | None,
    Query(alias="for", description="`traffic` leaves out what people do not need in order to be served."),
]


def probe_router(
    service: str, version: str, *, readiness: Readiness, drain: Drain, metrics: Metrics, clock: Clock
) -> APIRouter:
    """Return the probe routes of one service."""
    router = APIRouter(tags=["operations"])
    identity = {"service": service, "version": version}
    alive = json.dumps({"status": "ok", **identity}).encode()

    @router.get("/health", summary="Whether the process is alive", response_class=Response)
    async def health() -> Response:
        """Answer without any I/O and without asking a dependency."""
        return Response(alive, media_type=JSON)

    @router.get(
        READY_PATH,
        summary="Whether the service can serve",
        response_class=Response,
        responses=responses(NotReady, Draining),
    )
    async def ready(purpose: Purpose = None) -> Response:
        """Answer from cached results, each check with its status, time and age.

        503 when a critical check fails or the service is draining. The figures of a check (`data`) are for whoever has
        a key that is bound to no collections, or asks a local service locally.
        """
        traffic_only = purpose == "traffic"
        caller = context.principal()
        sees_all = caller is not None and caller is not NOBODY and caller.collections is None
        overall = readiness.overall(traffic_only=traffic_only)
        report: dict[str, object] = {
            "status": "draining" if drain.draining else overall,
            **identity,
            "time": rfc3339(clock.now()),
            "checks": readiness.report(traffic_only=traffic_only, with_data=sees_all),
        }
        if drain.draining:
            raise _not_ready(Draining, report)
        if overall == "not-ready":
            raise _not_ready(NotReady, report)
        return Response(json.dumps(report), media_type=JSON)

    @router.get("/metrics", summary="Metrics in OpenMetrics text", response_class=Response)
    async def render_metrics() -> Response:
        """Answer with every metric of this process."""
        return Response(metrics.render(), headers={"content-type": CONTENT_TYPE})

    for path, probe in (("/health", health), (READY_PATH, ready)):  # what some monitors send in place of GET
        router.add_api_route(path, probe, methods=["HEAD"], response_class=Response, include_in_schema=False)
    return router


def _not_ready(problem: type[Problem], report: dict[str, object]) -> Problem:
    # RFC 9457 reserves `status` for the HTTP status; the verdict moves to `readiness`.
    verdict = report.pop("status")
    return problem(extensions={"readiness": verdict, **report}, retry_after_s=1)
