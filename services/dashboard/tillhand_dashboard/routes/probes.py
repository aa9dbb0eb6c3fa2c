"""What machines ask by the names that the console has promised: alive, and metrics."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from tillhand_common.metrics import CONTENT_TYPE
from tillhand_dashboard.models import HealthOut

router = APIRouter(tags=["operations"])


@router.get("/api/health")
async def health(request: Request) -> HealthOut:
    """Whether the process is alive. Nothing else is asked."""
    spec = request.app.state.chassis.spec
    return HealthOut(status="ok", service=spec.name, version=spec.version)


@router.get("/app/metrics", response_class=Response)
async def render_metrics(request: Request) -> Response:
    """Every metric of this process, as at `/metrics`."""
    return Response(request.app.state.chassis.metrics.render(), headers={"content-type": CONTENT_TYPE})
