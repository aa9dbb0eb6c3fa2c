"""Rate, errors and duration of every route, as bounded metrics."""

from collections.abc import Callable, Iterable
from http import HTTPStatus
from time import perf_counter
from typing import Final

from starlette.types import ASGIApp, Receive, Scope, Send

from tillhand_common import context
from tillhand_common.metrics import CounterSeries, HistogramSeries, Metrics

UNMATCHED: Final = "unmatched"
METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "other"})
STATUSES: Final = frozenset({*(str(status.value) for status in HTTPStatus), "0"})


class RouteNames:
    """The route templates of an application: the only values that a `route` label can take.

    `list_routes` yields (route object, template) pairs; it is asked again when a request matched a route that was
    not there before, because a lifespan may add some.
    """

    def __init__(self, list_routes: Callable[[], Iterable[tuple[object, str]]]) -> None:
        self._list_routes = list_routes
        self._names: dict[int, str] = {}  # by identity: routes cannot be hashed, and live as long as the application
        self._templates = frozenset({UNMATCHED})

    def __contains__(self, template: object) -> bool:
        return template in self._templates

    def of(self, scope: Scope) -> str:
        """Return the template of the route that a request matched, or `unmatched`."""
        route = scope.get("route") or scope.get("endpoint")  # plain Starlette routes leave only their endpoint
        if route is None:
            return UNMATCHED
        name = self._names.get(id(route))
        return self._learn(route) if name is None else name

    def _learn(self, route: object) -> str:
        for known, template in self._list_routes():
            self._names[id(known)] = template
        self._templates = frozenset({UNMATCHED, *self._names.values()})
        return self._names.setdefault(id(route), UNMATCHED)


class RedMetrics:
    """Count and time requests by method, route template and status. Streams are counted, not timed."""

    def __init__(self, app: ASGIApp, metrics: Metrics, routes: RouteNames) -> None:
        self._app = app
        self._routes = routes
        self._in_flight = 0
        metrics.watch("http_requests_in_flight", "Requests being served.", lambda: self._in_flight)
        self._requests = metrics.counter(
            "http_requests_total",
            "Requests answered; status 0 means that the client left first.",
            {"method": METHODS, "route": routes, "status": STATUSES},
        )
        self._durations = metrics.histogram(
            "http_request_duration_seconds",
            "Time from the request's arrival to the end of its response, streams excepted.",
            {"method": METHODS, "route": routes},
        )
        self._series: dict[tuple[str, str, int], tuple[CounterSeries, HistogramSeries]] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on and record how it went."""
        info = context.current()
        if scope["type"] != "http" or info is None:
            await self._app(scope, receive, send)
            return
        self._in_flight += 1
        try:
            await self._app(scope, receive, send)
        finally:
            self._in_flight -= 1
            self._record(scope, info)

    def _record(self, scope: Scope, info: context.RequestInfo) -> None:
        method = scope["method"]
        info.route = self._routes.of(scope)
        key = (method if method in METHODS else "other", info.route, info.status)
        counted, timed = self._series.get(key) or self._series_of(key)
        exemplar = {"trace_id": info.trace.trace_id} if info.trace.sampled else None
        counted.inc(1, exemplar)
        if not info.streaming:
            timed.observe(perf_counter() - info.started, exemplar)

    def _series_of(self, key: tuple[str, str, int]) -> tuple[CounterSeries, HistogramSeries]:
        method, route, status = key
        pair = self._requests.labels(method, route, str(status)), self._durations.labels(method, route)
        self._series[key] = pair
        return pair
