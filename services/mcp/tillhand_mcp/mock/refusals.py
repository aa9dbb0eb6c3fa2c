"""How each vendor words that a call failed: what a script's fault looks like from the outside."""

from __future__ import annotations

from typing import Any, Final

import orjson
from starlette.responses import Response

from tillhand_mcp.mock.arrivals import Arrival
from tillhand_mcp.mock.content import Content
from tillhand_mcp.mock.faults import Fault

BEARABLE_COST: Final = 100
BUCKET: Final = {"maximumAvailable": 2000.0, "currentlyAvailable": 0, "restoreRate": 100.0}
TOO_MANY: Final = 429
SERVER_ERROR: Final = 500
WAIT_S: Final = 2.0  # what the shop asks for when it names a time
GOOGLE_STATUS: Final = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    429: "RESOURCE_EXHAUSTED",
    500: "INTERNAL",
    503: "UNAVAILABLE",
    504: "DEADLINE_EXCEEDED",
}


def answer(content: Content, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """Return an answer with a JSON body."""
    return Response(orjson.dumps(content), status, headers, "application/json; charset=UTF-8")


def google_error(status: int, message: str, *, details: list[Any] | None = None, reason: str | None = None) -> Response:
    """Return a failure as Google words it; `reason` adds the list that its older interfaces keep."""
    error: dict[str, Any] = {"code": status, "message": message, "status": GOOGLE_STATUS.get(status, "UNKNOWN")}
    if reason is not None:
        domain = "usageLimits" if reason.endswith("Exceeded") else "global"
        error["errors"] = [{"message": message, "domain": domain, "reason": reason}]
    return answer({"error": {**error, "details": details or []}}, status)


def bing_error(code: int, message: str, status: int = 400) -> Response:
    """Return a failure as Bing words it."""
    return answer({"ErrorCode": code, "Message": f"ERROR!!! {message}"}, status)


def refused(fault: Fault, arrival: Arrival) -> Response:
    """Return the answer of an upstream that refuses: by status, by its throttle, or by its quota."""
    if fault.kind == "throttled" or (fault.kind == "quota" and arrival.upstream == "shopify"):
        return _throttled(arrival)
    if fault.kind == "quota":
        return _out_of_quota(arrival)
    response = _failed(fault.status, arrival)
    wait_s = WAIT_S if fault.retry_after_s is None and fault.status == TOO_MANY else fault.retry_after_s
    if wait_s is not None:
        response.headers["retry-after"] = f"{wait_s:g}"
    return response


def _throttled(arrival: Arrival) -> Response:
    if not arrival.graphql:
        return _out_of_quota(arrival)
    documentation = "https://shopify.dev/api/usage/rate-limits"
    error = {"message": "Throttled", "extensions": {"code": "THROTTLED", "documentation": documentation}}
    cost = {"requestedQueryCost": BEARABLE_COST, "actualQueryCost": None, "throttleStatus": BUCKET}
    return answer({"errors": [error], "extensions": {"cost": cost}})


def _out_of_quota(arrival: Arrival) -> Response:
    if arrival.upstream == "bing":
        return bing_error(4, "ThrottleUser")
    if arrival.upstream == "ga4":
        return google_error(TOO_MANY, out_of_tokens("hour"))
    if arrival.upstream == "search_console":
        return google_error(TOO_MANY, "Rate Limit Exceeded", reason="rateLimitExceeded")
    return _failed(TOO_MANY, arrival)


def out_of_tokens(period: str) -> str:
    """Return Google Analytics' words for spent tokens; `period` is `day`, `hour` or `project`."""
    spent, back = {
        "day": ("for a day", "a day"),
        "hour": ("for an hour", "an hour"),
        "project": ("for a project per hour", "an hour"),
    }[period]
    return (
        f"Exhausted property tokens {spent}. These quota tokens will return in under {back}. To learn more, see "
        "https://developers.google.com/analytics/devguides/reporting/data/v1/quotas"
    )


def _failed(status: int, arrival: Arrival) -> Response:
    if arrival.upstream == "bing":
        return bing_error(1, "InternalError", status)
    if arrival.upstream in {"ga4", "search_console"}:
        return google_error(status, "Internal error encountered." if status >= SERVER_ERROR else "Rate Limit Exceeded")
    if arrival.upstream == "google_token":
        return answer({"error": "internal_failure", "error_description": "Backend Error"}, status)
    if status == TOO_MANY:
        return answer({"errors": "Exceeded 2 calls per second for api client. Reduce request rates."}, status)
    return Response("<!DOCTYPE html><title>Something went wrong</title>", status, media_type="text/html")
