"""A service whose routes count how often they run, and honour idempotency keys."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Body, Depends, FastAPI, Form, Request, Response, UploadFile
from starlette.responses import StreamingResponse

from tillhand_common.app import ServiceSpec, create_app
from tillhand_common.security import Principal, require
from tillhand_common.settings import CommonSettings

router = APIRouter(prefix="/v1")


class Harbour:
    """What the routes share with the test."""

    def __init__(self) -> None:
        self.runs = 0
        self.failures: list[Exception] = []
        self.begun = asyncio.Event()
        self.go_on = asyncio.Event()
        self.go_on.set()


def harbour(request: Request) -> Harbour:
    """Return what the routes share with the test."""
    shared: Harbour = request.app.state.harbour
    return shared


Shared = Annotated[Harbour, Depends(harbour)]
Writer = Annotated[Principal, Depends(require("rag:write"))]


@router.post("/boats", status_code=201)
async def create(shared: Shared, _: Writer, response: Response, name: Annotated[str, Body(embed=True)]) -> object:
    """Create a boat, or fail as told."""
    shared.runs += 1
    shared.begun.set()
    await shared.go_on.wait()
    if shared.failures:
        raise shared.failures.pop()
    response.headers["location"] = f"/v1/boats/{shared.runs}"
    response.set_cookie("seen", "1")
    return {"id": shared.runs, "name": name}


@router.post("/boats/{boat_id}/trips")
async def sail(boat_id: str, shared: Shared) -> object:
    """Sail."""
    shared.runs += 1
    return {"boat": boat_id, "run": shared.runs}


@router.post("/cargo")
async def load(shared: Shared, manifest: Annotated[str, Form()], file: UploadFile) -> object:
    """Take a form with a file."""
    shared.runs += 1
    return {"manifest": manifest, "bytes": len(await file.read()), "run": shared.runs}


@router.post("/large")
async def large(shared: Shared, mib: float) -> Response:
    """Answer with that much."""
    shared.runs += 1
    return Response(b"x" * int(mib * 1024 * 1024))


@router.post("/streamed")
async def streamed(shared: Shared) -> StreamingResponse:
    """Answer with events."""
    shared.runs += 1

    async def events() -> AsyncIterator[str]:
        yield "data: 1\n\n"
        yield "data: 2\n\n"

    return StreamingResponse(events(), media_type="text/event-stream")


@router.post("/plain")
async def plain(shared: Shared) -> object:
    """Count, whatever key comes along."""
    shared.runs += 1
    return {"run": shared.runs}


ROUTES = frozenset(f"POST /v1/{path}" for path in ("boats", "boats/{boat_id}/trips", "cargo", "large", "streamed"))


def service(data_dir: Path, **settings: object) -> FastAPI:
    """Return the service; `settings` are those of the environment."""
    loaded = CommonSettings.model_validate({"data_dir": data_dir, **settings})
    app = create_app(
        ServiceSpec(
            name="sample",
            version="1",
            title="Sample",
            description="Sample.",
            settings=loaded,
            routers=(router,),
            idempotent=ROUTES,
        )
    )
    app.state.harbour = Harbour()
    return app
