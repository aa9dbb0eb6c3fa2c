"""How the sources stand."""

from __future__ import annotations

from fastapi import APIRouter, Request

from tillhand_analytics.domain.provenance import mode_of
from tillhand_analytics.models.provenance import SourceOut
from tillhand_analytics.models.status import GateOut, StatusOut
from tillhand_analytics.routes.dependencies import Joined, Parts, Reads

router = APIRouter(prefix="/v1/status", tags=["status"], dependencies=[Reads])


@router.get("")
async def show_status(request: Request, parts: Parts) -> StatusOut:
    """Whether figures are real, and how fresh; what is missing, and how to get it. No source is asked."""
    return await _status(parts, forced=request.app.state.chassis.settings.force_mocks)


async def _status(parts: Joined, *, forced: bool) -> StatusOut:
    standing = await parts.reading.standing()
    stamps = () if standing.loaded is None else standing.loaded.stamps
    return StatusOut(
        mode=mode_of(stamps) if stamps else None,
        banner=standing.banner,
        has_analytics_token=standing.has_token,
        forced_mocks=forced,
        gates=[GateOut.model_validate(gate) for gate in standing.gates],
        sources=[SourceOut.model_validate(stamp) for stamp in stamps],
        failure=parts.reading.failure,
    )
