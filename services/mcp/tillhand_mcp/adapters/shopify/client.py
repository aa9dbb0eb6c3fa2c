"""The Admin API's one door: tokens, the bucket of points, and how GraphQL says that something went wrong.

Reading and writing are two methods. The one that reads refuses every mutation that changes the shop; the one that
writes wants an `Approved`, which the executor alone can make.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from tillhand_common.errors import (
    IndeterminateWrite,
    UpstreamProtocolError,
    UpstreamRejected,
    UpstreamThrottled,
    UpstreamUnavailable,
    leaves_open,
)
from tillhand_common.http import Options, UpstreamClient, UpstreamResponse
from tillhand_common.problems import Problem
from tillhand_mcp.adapters.shopify.operation import Operation
from tillhand_mcp.adapters.upstreams.bucket import SLACK_S, CostBucket
from tillhand_mcp.adapters.upstreams.standing import UNAUTHORIZED, Standing
from tillhand_mcp.adapters.upstreams.tokens import Tokens
from tillhand_mcp.errors import ConnectorUnavailable, ToolRefused
from tillhand_mcp.ports.connector import Approved

LONGEST_TOLD: Final = 300
UNDER_WAY_S: Final = 1.0
AGAIN_S: Final = 10.0
_IN_PROGRESS: Final = frozenset({"IDEMPOTENCY_CONCURRENT_REQUEST"})
Data = dict[str, Any]


class _Attempt:
    """What is known of a write while it is tried, again and again where that is harmless."""

    lost = False

    def note(self) -> None:
        """It was sent once, and no answer told what became of it."""
        self.lost = True

    def judged(self, error: Problem) -> Problem:
        """The error that the whole of it ends with: the last one, unless that says too little, or too much."""
        if self.lost:
            return IndeterminateWrite("shopify")
        if leaves_open(error):  # it is not the write that was lost, but what had to come before it
            return ConnectorUnavailable(f"Nothing was written: {error.detail or error.title}", retry_after_s=AGAIN_S)
        return error


@dataclass(frozen=True, slots=True)
class _Call:
    """One operation on its way; `attempt` where it writes."""

    body: Mapping[str, Any]
    priced: str
    repeatable: bool
    attempt: _Attempt | None


class ShopifyClient:
    """Executes operations. Raises `UpstreamError` for what the upstream does, `ToolRefused` for what it will not do."""

    def __init__(
        self, http: UpstreamClient, tokens: Tokens, bucket: CostBucket, standing: Standing, version: str
    ) -> None:
        self._http = http
        self._tokens = tokens
        self._bucket = bucket
        self._standing = standing
        self._path = f"/admin/api/{version}/graphql.json"

    async def read(self, operation: Operation, variables: Mapping[str, Any] | None = None) -> Data:
        """What a query finds; also a mutation that changes nothing in the shop."""
        if operation.kind == "mutation" and not operation.prepares:
            raise ValueError(f"{operation.name} writes: it needs an approval")
        return await self._execute(operation, variables or {}, repeatable=operation.kind == "query")

    async def write(
        self, approved: Approved, operation: Operation, variables: Mapping[str, Any], *, keyed: bool
    ) -> Data:
        """Change the shop, as was approved. `keyed`: with its key, so that repeating is harmless."""
        given = {**variables, "key": approved.key} if keyed else variables
        attempt = _Attempt()
        try:
            return await self._execute(operation, given, repeatable=keyed, attempt=attempt)
        except Problem as error:
            raise attempt.judged(error) from error

    async def _execute(
        self,
        operation: Operation,
        variables: Mapping[str, Any],
        *,
        repeatable: bool,
        attempt: _Attempt | None = None,
    ) -> Data:
        priced = f"{operation.name}:{variables.get('first', '')}"
        body = {"query": operation.text, "variables": dict(variables), "operationName": operation.name}
        call = _Call(body, priced, repeatable, attempt)
        self._standing.require()
        async with self._bucket.spend(priced):
            try:
                answer = await self._post(call)
            except UpstreamRejected as error:
                self._standing.refused(error)
                raise
        self._standing.succeeded()
        data: Data = answer.json()["data"]
        return data

    async def _post(self, call: _Call) -> UpstreamResponse:
        token = await self._token()
        try:
            return await self._send(call, token)
        except UpstreamRejected as error:
            if error.upstream_status != UNAUTHORIZED:
                raise
        self._tokens.forget(token)  # it was taken back before its time: another, once
        return await self._send(call, await self._token())

    async def _token(self) -> str:
        try:
            return await self._tokens.current()
        except ConnectorUnavailable as error:
            self._standing.shut_out(error.detail)
            raise

    async def _send(self, call: _Call, token: str) -> UpstreamResponse:
        def check(answer: UpstreamResponse) -> None:
            self._judge(answer, call)

        options: Options = {"json": call.body, "headers": {"x-shopify-access-token": token}, "check": check}
        if call.repeatable:
            # The key in the document is what the upstream goes by; the header lets the client repeat the call.
            options["idempotency_key"] = str(call.body["variables"].get("key", "read"))
        if call.attempt is not None:
            options["lost"] = call.attempt.note
        return await self._http.request("POST", self._path, **options)

    def _judge(self, answer: UpstreamResponse, call: _Call) -> None:
        """Learn the price, and raise what the answer says against the call."""
        told = answer.json()
        if not isinstance(told, dict):
            raise UpstreamProtocolError(self._http.name, "answered with no GraphQL result")
        self._learn(told, call.priced)
        errors, data = told.get("errors"), told.get("data")
        payloads = [each for each in data.values() if isinstance(each, dict)] if isinstance(data, dict) else []
        if errors and call.attempt is not None and (payloads or _has_run(errors)):
            raise UpstreamProtocolError(self._http.name, "did what was asked, and answered a part of it")
        if errors:
            raise self._fault(errors, told, call)
        if not isinstance(data, dict):
            raise UpstreamProtocolError(self._http.name, "answered without data")
        if call.attempt is not None and _in_progress(payloads):
            raise self._under_way(call)

    def _learn(self, told: Mapping[str, Any], priced: str) -> None:
        cost = (told.get("extensions") or {}).get("cost") or {}
        status = cost.get("throttleStatus")
        if status:
            self._bucket.learned(
                priced,
                asked=float(cost.get("requestedQueryCost") or 0),
                size=float(status["maximumAvailable"]),
                rate=float(status["restoreRate"]),
                left=float(status["currentlyAvailable"]),
            )

    def _fault(self, errors: Any, told: Mapping[str, Any], call: _Call) -> Exception:  # noqa: ANN401  # a list, or one text
        first = errors[0] if isinstance(errors, list) and errors and isinstance(errors[0], dict) else {}
        code = (first.get("extensions") or {}).get("code", "")
        message = str(first.get("message", errors))[:LONGEST_TOLD]
        upstream = self._http.name
        if code == "THROTTLED":
            wait_s = _full_enough_s((told.get("extensions") or {}).get("cost") or {})
            return UpstreamThrottled(upstream, "its bucket is empty", upstream_status=200, retry_after_s=wait_s or 1.0)
        if code in _IN_PROGRESS:
            return self._under_way(call)
        if code == "INTERNAL_SERVER_ERROR":
            return UpstreamUnavailable(upstream, "answered with an internal error", upstream_status=500)
        if code == "ACCESS_DENIED":
            return ToolRefused(
                f"Shopify denies access: {message} Grant the app this scope and install it again.",
                extensions={"reason": "access-denied"},
            )
        return ToolRefused(f"Shopify refuses: {message}", extensions={"reason": code.lower() or "refused"})

    def _under_way(self, call: _Call) -> UpstreamThrottled:
        """An earlier attempt is being done; asked for again later, the same key brings what came of it."""
        if call.attempt is not None:
            call.attempt.note()
        return UpstreamThrottled(
            self._http.name, "the same write is under way", upstream_status=200, retry_after_s=UNDER_WAY_S
        )


def _has_run(errors: Any) -> bool:  # noqa: ANN401  # a list, or one text
    """Whether one of them is about a part of a mutation's answer: the mutation itself was done by then."""
    listed = errors if isinstance(errors, list) else []
    return any(isinstance(each, dict) and len(each.get("path") or ()) > 1 for each in listed)


def _in_progress(payloads: Sequence[Mapping[str, Any]]) -> bool:
    """Whether a mutation says of its key that an earlier attempt is still being done."""
    return any(error.get("code") in _IN_PROGRESS for each in payloads for error in each.get("userErrors") or ())


def _full_enough_s(cost: Mapping[str, Any]) -> float:
    """Seconds until a bucket that was too empty for an operation holds what it asks for."""
    status = cost.get("throttleStatus") or {}
    rate = float(status.get("restoreRate") or 0)
    lacking = float(cost.get("requestedQueryCost") or 0) - float(status.get("currentlyAvailable") or 0)
    return lacking / rate + SLACK_S if lacking > 0 and rate > 0 else 0.0
