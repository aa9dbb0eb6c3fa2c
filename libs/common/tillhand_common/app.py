"""One way to make a service: `create_app` wires the chassis around a service's routes.

The order of the middlewares is in `_middleware` and nowhere else.
"""

from collections.abc import AsyncIterator, Callable, Collection, Coroutine, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Final

import structlog
from fastapi import APIRouter, FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.middleware.asyncexitstack import AsyncExitStackMiddleware
from fastapi.routing import APIRoute, iter_route_contexts
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.exceptions import ExceptionMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from tillhand_common import logs, openapi, probes
from tillhand_common.access import AccessLog, RequestContext
from tillhand_common.actor import ActorKeys
from tillhand_common.actor_gate import ActorGate
from tillhand_common.clock import Clock, SystemClock
from tillhand_common.cross_origin import cross_origin
from tillhand_common.handlers import ErrorBoundary, on_http_exception, on_problem, on_validation_error
from tillhand_common.headers import SecurityHeaders
from tillhand_common.health import Check, Readiness
from tillhand_common.host_gate import HostOriginGate, is_loopback
from tillhand_common.idempotency import Idempotency
from tillhand_common.idempotency_store import IdempotencyStore
from tillhand_common.keys import KeyStore, KeyStoreUnreadable, store_path
from tillhand_common.lifecycle import Drain, DrainGate, StartupError
from tillhand_common.limits import BodyLimit, Deadline, RateLimit
from tillhand_common.metrics import Metrics
from tillhand_common.ownership import owned, unusable
from tillhand_common.problems import Problem
from tillhand_common.red import RedMetrics, RouteNames
from tillhand_common.security import Authentication, BearerTokens
from tillhand_common.settings import CommonSettings
from tillhand_common.sse import StreamMetrics

_log: Final = structlog.get_logger(__name__)

Lifespan = Callable[[FastAPI], AbstractAsyncContextManager[None]]
Handler = Callable[[Request, Any], Coroutine[Any, Any, Response]]


@dataclass(frozen=True, slots=True)
class ServiceSpec:
    """What a service is: its name, its routes, what it starts and what its readiness depends on.

    `lifespan` opens the service's own resources before the first request and closes them after the last; it finds the
    chassis in `app.state.chassis`. `problems` are the error types that the service adds to the common ones.
    `idempotent` names the routes that honour `Idempotency-Key`, such as `POST /v1/documents`: all that create or
    execute. `deadlines` gives such routes seconds of their own instead of the settings' `request_deadline_s`.
    `own_keys` names those that see to repetition themselves, or whose answers must not be kept. `on_refused_key` is
    told of every key that is presented and no good. `takes_actors`: services may speak for others here, whose keys
    lie in the folder of the settings. `public` paths need no key, `tokens` reads bearer tokens that are no keys of
    ours, and `challenge` completes the `WWW-Authenticate` header of a refusal. `keyless`: no path needs a key, for the
    service sees to who asks by itself, as a console with sessions does. `handlers` answer errors of its routes other
    than by a problem document.
    """

    name: str
    version: str
    title: str
    description: str
    settings: CommonSettings
    routers: Sequence[APIRouter] = ()
    problems: tuple[type[Problem], ...] = ()
    lifespan: Lifespan | None = None
    checks: tuple[Check, ...] = ()
    idempotent: Collection[str] = ()
    own_keys: Collection[str] = ()
    deadlines: Mapping[str, float] = field(default_factory=dict)
    on_refused_key: Callable[[], None] = lambda: None
    takes_actors: bool = False
    public: Collection[str] = ()
    tokens: BearerTokens | None = None
    challenge: Callable[[Scope], str] = lambda _: ""
    keyless: bool = False
    handlers: Mapping[int | type[Exception], Handler] = field(default_factory=dict)
    clock: Clock = field(default_factory=SystemClock)


@dataclass(frozen=True, slots=True)
class Chassis:
    """The parts of the chassis that a service's own code works with, as `app.state.chassis`."""

    spec: ServiceSpec
    settings: CommonSettings
    clock: Clock
    metrics: Metrics
    readiness: Readiness
    drain: Drain
    keys: KeyStore
    idempotency: IdempotencyStore
    streams: StreamMetrics
    routes: RouteNames


def create_app(spec: ServiceSpec) -> FastAPI:
    """Return a service: its routes behind the whole chassis."""
    if not structlog.is_configured():  # under a foreign server or in a test; `serve` takes over all logging
        logs.configure_events(spec.name, spec.settings.log_level, spec.settings.log_format)
    app = _Service(
        title=spec.title,
        version=spec.version,
        description=spec.description,
        docs_url=None,  # the page loads its scripts from another host, which our content policy forbids
        redoc_url=None,
        telemetry={"tracing": False, "metrics": False, "logs": False},  # it records exception texts and input values
        exception_handlers={
            Problem: on_problem,
            HTTPException: on_http_exception,
            RequestValidationError: on_validation_error,
            **spec.handlers,
        },
        redirect_slashes=False,  # a redirect would repeat the Host header
        lifespan=_lifespan,
    )
    chassis = _chassis(app, spec)
    app.state.chassis = chassis
    if spec.takes_actors:
        app.state.actors = ActorKeys(spec.settings.actors_folder, spec.name)
    app.user_middleware = _middleware(chassis)
    for router in (*spec.routers, _probes(chassis)):
        # Routes of their own are matched once; an included router matches twice and counts all routes per request.
        app.routes.extend(router.routes)
    _check_routes(app, spec)
    app.openapi = openapi.with_problems(app, spec.idempotent)  # type: ignore[method-assign]  # FastAPI's documented way to extend it
    app.middleware_stack = _stack(app)
    return app


class _Service(FastAPI):
    """FastAPI, with a shorter way to its middlewares for what is neither traced nor mounted."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and self.middleware_stack is not None:
            scope["app"] = self
            await self.middleware_stack(scope, receive, send)
        else:
            await super().__call__(scope, receive, send)


def _middleware(chassis: Chassis) -> list[Middleware]:
    """Return every middleware of a request, outermost first."""
    settings = chassis.settings
    access = AccessLog(chassis.spec.name, settings.log_level, settings.log_format)
    return [
        Middleware(RequestContext, log=access),
        Middleware(RedMetrics, metrics=chassis.metrics, routes=chassis.routes),
        Middleware(SecurityHeaders),
        Middleware(ErrorBoundary),
        Middleware(HostOriginGate, allowed_hosts=settings.allowed_hosts, allowed_origins=settings.allowed_origins),
        *cross_origin(settings.allowed_origins),
        Middleware(DrainGate, drain=chassis.drain),
        Middleware(Deadline, seconds=settings.request_deadline_s, routes=chassis.spec.deadlines),
        Middleware(BodyLimit, max_bytes=settings.max_body_bytes),
        Middleware(
            Authentication,
            keys=chassis.keys,
            host=settings.host,
            on_refused=chassis.spec.on_refused_key,
            public=chassis.spec.public,
            keyless=chassis.spec.keyless,
            tokens=chassis.spec.tokens,
            challenge=chassis.spec.challenge,
        ),
        Middleware(RateLimit, rate=settings.rate_limit),
        Middleware(ActorGate),
        Middleware(Idempotency, store=chassis.idempotency, routes=chassis.spec.idempotent),
    ]


def _stack(app: FastAPI) -> ASGIApp:
    """Put the middlewares around the router: now, so that every metric exists from the start.

    FastAPI's own stack has three more on the outside, for what `ErrorBoundary` and `BodyLimit` do here.
    """
    stack: ASGIApp = ExceptionMiddleware(AsyncExitStackMiddleware(app.router), handlers=app.exception_handlers)
    for middleware in reversed(app.user_middleware):
        stack = middleware.cls(stack, *middleware.args, **middleware.kwargs)
    return stack


def _chassis(app: FastAPI, spec: ServiceSpec) -> Chassis:
    metrics = Metrics(spec.name, spec.version)
    readiness = Readiness(spec.clock, metrics)
    for check in spec.checks:
        readiness.add(check)
    return Chassis(
        spec=spec,
        settings=spec.settings,
        clock=spec.clock,
        metrics=metrics,
        readiness=readiness,
        drain=Drain(),
        keys=KeyStore(store_path(spec.settings.data_dir, spec.settings.keys_file), clock=spec.clock),
        idempotency=IdempotencyStore(spec.settings.data_dir / f"idempotency-{spec.name}.sqlite", clock=spec.clock),
        streams=StreamMetrics(metrics),
        routes=RouteNames(lambda: _templates(app)),
    )


def _probes(chassis: Chassis) -> APIRouter:
    return probes.probe_router(
        chassis.spec.name,
        chassis.spec.version,
        readiness=chassis.readiness,
        drain=chassis.drain,
        metrics=chassis.metrics,
        clock=chassis.clock,
    )


def _templates(app: FastAPI) -> Iterable[tuple[object, str]]:
    for route in iter_route_contexts(app.routes):
        if route.path is not None:
            yield route.original_route, route.path
            if not isinstance(route.original_route, APIRoute):
                yield route.endpoint, route.path


def _check_routes(app: FastAPI, spec: ServiceSpec) -> None:
    contexts = list(iter_route_contexts(app.routes))
    known = {f"{method} {route.path}" for route in contexts for method in route.methods or ()}
    if unknown := {*spec.idempotent, *spec.deadlines} - known:
        raise ValueError(f"the service names routes that it does not have: {', '.join(sorted(unknown))}")


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    chassis: Chassis = app.state.chassis
    async with AsyncExitStack() as stack:
        stack.enter_context(owned(chassis.settings.data_dir, chassis.spec.name, chassis.clock))
        _prepare_keys(chassis)
        if chassis.spec.idempotent:
            stack.enter_context(chassis.idempotency)
        if chassis.spec.lifespan is not None:
            await stack.enter_async_context(chassis.spec.lifespan(app))
        stack.push_async_callback(chassis.readiness.stop)
        stack.callback(chassis.drain.close)
        chassis.readiness.start()
        yield


def _prepare_keys(chassis: Chassis) -> None:
    settings = chassis.settings
    try:
        for path in chassis.keys.bootstrap(settings.data_dir / "keys"):
            _log.info("key_created", file=str(path))
    except KeyStoreUnreadable as error:
        raise StartupError(f"{error}: restore it, or move {chassis.keys.path} away to begin with new keys") from error
    except OSError as error:
        raise unusable(chassis.keys.path.parent, error) from error
    if is_loopback(settings.host):
        _log.info("reads_without_key", address=settings.host, reason="loopback only; everything else needs a key")
    elif not chassis.keys.any_active():
        raise StartupError(f"no key is active, so {settings.host} cannot be served: make one with tillhand keys create")
