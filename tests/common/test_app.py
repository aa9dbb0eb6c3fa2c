"""One create_app: what it wires, in which order, and what it refuses."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from fastapi import APIRouter, FastAPI
from starlette.responses import PlainTextResponse

from tests.common.sample_service import create
from tillhand_common.app import ServiceSpec, create_app
from tillhand_common.lifecycle import StartupError
from tillhand_common.settings import CommonSettings
from tillhand_common.testing import client

ORDER = [
    "RequestContext",
    "RedMetrics",
    "SecurityHeaders",
    "ErrorBoundary",
    "HostOriginGate",
    "DrainGate",
    "Deadline",
    "BodyLimit",
    "Authentication",
    "RateLimit",
    "ActorGate",
    "Idempotency",
]


def spec(data_dir: Path, **fields: object) -> ServiceSpec:
    """Return the specification of a service without routes."""
    settings = CommonSettings.model_validate({"data_dir": data_dir, **(fields.pop("settings", None) or {})})  # type: ignore[dict-item]
    return ServiceSpec("quay", "1", "Quay", "", settings, **fields)  # type: ignore[arg-type]


def test_the_middlewares_stand_in_their_order(tmp_path: Path) -> None:
    app = create(CommonSettings(data_dir=tmp_path))
    assert [getattr(middleware.cls, "__name__", "") for middleware in app.user_middleware] == ORDER


async def test_every_response_carries_the_security_headers_and_ids(tmp_path: Path) -> None:
    async with client(create(CommonSettings(data_dir=tmp_path))) as http:
        answers = [await http.get(path) for path in ("/health", "/v1/boats/argo", "/nowhere", "/v1/broken", "/metrics")]
    for answer in answers:
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'"
        assert answer.headers["cross-origin-resource-policy"] == "same-origin"
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["traceparent"].split("-")[1] == answer.headers["x-request-id"]
    assert not {"server", "x-powered-by"} & {name for answer in answers for name in answer.headers}


async def test_a_header_that_a_route_sets_itself_is_kept(tmp_path: Path) -> None:
    router = APIRouter()

    @router.get("/chart")
    async def chart() -> object:
        return PlainTextResponse("here be dragons", headers={"cache-control": "max-age=60"})

    async with client(create_app(spec(tmp_path, routers=(router,)))) as http:
        answer = await http.get("/chart")
    assert answer.headers.get_list("cache-control") == ["max-age=60"]
    assert answer.headers["x-content-type-options"] == "nosniff"


async def test_there_is_no_documentation_page_and_the_schema_stays(tmp_path: Path) -> None:
    async with client(create(CommonSettings(data_dir=tmp_path))) as http:
        assert (await http.get("/docs")).status_code == 404
        assert (await http.get("/redoc")).status_code == 404
        document = (await http.get("/openapi.json")).json()
    assert document["info"] == {
        "title": "Sample",
        "description": "A harbour for the chassis's tests.",
        "version": "1.2.3",
    }


async def test_a_trailing_slash_is_no_redirect(tmp_path: Path) -> None:
    async with client(create(CommonSettings(data_dir=tmp_path))) as http:
        assert (await http.get("/v1/boats/argo/")).status_code == 404


async def test_the_services_lifespan_opens_first_and_closes_last(tmp_path: Path) -> None:
    seen: list[str] = []

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        seen.append(f"open, draining {app.state.chassis.drain.draining}")
        yield
        seen.append(f"close, draining {app.state.chassis.drain.draining}")

    async with client(create_app(spec(tmp_path, lifespan=lifespan))) as http:
        assert (await http.get("/health")).status_code == 200
    assert seen == ["open, draining False", "close, draining True"]


async def test_another_address_than_loopback_is_not_served_without_an_active_key(tmp_path: Path) -> None:
    app = create_app(spec(tmp_path, settings={"host": "0.0.0.0"}))  # noqa: S104  # never bound here
    async with app.router.lifespan_context(app):
        keys = app.state.chassis.keys
        for key in keys.list():
            keys.revoke(key.id)
    with pytest.raises(StartupError, match="no key is active"):
        async with app.router.lifespan_context(app):
            pass


def test_an_idempotent_route_that_does_not_exist_is_a_mistake_of_ours(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="POST /v1/nothing"):
        create_app(spec(tmp_path, idempotent=("POST /v1/nothing",)))


async def test_opentelemetry_is_off_whatever_provider_exists(tmp_path: Path) -> None:
    app = create(CommonSettings(data_dir=tmp_path))
    assert not app._native_telemetry.enabled()  # noqa: SLF001  # the only way to ask
    assert [app._telemetry[kind] for kind in ("tracing", "metrics", "logs")] == [False] * 3  # noqa: SLF001  # as above
