"""A service with nothing but the chassis: what the chassis's tests talk to, in process or as a process."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import structlog
from fastapi import APIRouter, Depends, FastAPI, Request
from pydantic import BaseModel, ConfigDict, Field, field_validator
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from tillhand_common.app import ServiceSpec, create_app
from tillhand_common.problems import Conflict, Unavailable, responses
from tillhand_common.security import require
from tillhand_common.server import serve
from tillhand_common.settings import CommonSettings
from tillhand_common.sse import Event, event_stream

SECRET = "th_agent_made-up_not-a-real-secret"

router = APIRouter(prefix="/v1", tags=["sample"])


class BoatTaken(Conflict):
    """Somebody else took the boat."""

    slug, title = "boat-taken", "The boat is taken"


class Boat(BaseModel):
    """What the sample routes read and write."""

    model_config = ConfigDict(extra="forbid")

    name: str
    crew: int = 1
    cargo: dict[str, int] = {}

    @field_validator("name")
    @classmethod
    def _not_cursed(cls, name: str) -> str:
        if name.startswith("cursed"):
            raise ValueError(f"nobody sails on {name}")
        return name


@router.get("/boats/{boat_id}")
async def read_boat(boat_id: str) -> Boat:
    """Return a boat."""
    return Boat(name=boat_id)


@router.put("/boats/{boat_id}", responses=responses(BoatTaken), dependencies=[Depends(require("rag:write"))])
async def write_boat(boat_id: str, boat: Boat) -> Boat:
    """Take a boat, unless it is taken."""
    if boat_id == "taken":
        raise BoatTaken("This boat has a crew.")
    return boat


@router.post("/boats", status_code=201, dependencies=[Depends(require("rag:write"))])
async def launch_boat(boat: Boat) -> Boat:
    """Launch a boat."""
    return boat


@router.get("/slow")
async def slow(seconds: float = 0.5) -> dict[str, float]:
    """Answer after a while."""
    await asyncio.sleep(seconds)
    return {"slept_s": seconds}


@router.get("/stuck")
async def stuck() -> None:
    """Block a thread, which nobody can interrupt, for longer than any drain."""
    await asyncio.to_thread(time.sleep, 60)


@router.get("/broken")
async def broken() -> dict[str, str]:
    """Fail with a text that must not leave."""
    raise RuntimeError(SECRET)


@router.get("/broken-midway")
async def broken_midway() -> Response:
    """Fail after the response has begun."""

    class Half(Response):
        async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002  # ASGI's signature
            await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"10")]})
            raise RuntimeError(SECRET)

    return Half()


@router.get("/unavailable", responses=responses(Unavailable))
async def unavailable() -> dict[str, str]:
    """Say when to come back."""
    raise Unavailable("The tide is out.", retry_after_s=1.2)


@router.get("/events")
async def events(request: Request) -> Response:
    """Stream one event and then wait for more, which never come."""

    async def source() -> AsyncIterator[Event]:
        yield Event({"tide": "high"}, event="tide", id="1")
        await asyncio.Event().wait()

    return event_stream(request, source())


@router.get("/flood")
async def flood(request: Request) -> Response:
    """Stream without end, as fast as the client reads, and without patience."""

    async def source() -> AsyncIterator[bytes]:
        frame = Event("x" * 65536).encode()
        while True:
            yield frame

    return event_stream(request, source(), send_timeout_s=0.2)


class SampleSettings(CommonSettings):
    """Settings of the sample service."""

    sample_slow_start: bool = Field(default=False, description="Never get ready to listen.")
    sample_chart: Path | None = Field(default=None, description="A file that is read at the start.")


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Open nothing, slowly where that is asked for."""
    if (chart := getattr(app.state.chassis.settings, "sample_chart", None)) is not None:
        chart.read_bytes()
    if getattr(app.state.chassis.settings, "sample_slow_start", False):
        structlog.get_logger().info("opening_slowly")
        await asyncio.Event().wait()
    yield


def create(settings: CommonSettings) -> FastAPI:
    """Return the sample service."""
    return create_app(
        ServiceSpec(
            name="sample",
            version="1.2.3",
            title="Sample",
            description="A harbour for the chassis's tests.",
            settings=settings,
            routers=(router,),
            problems=(BoatTaken,),
            lifespan=lifespan,
            idempotent=("POST /v1/boats",),
        )
    )


if __name__ == "__main__":
    serve(create, SampleSettings)
