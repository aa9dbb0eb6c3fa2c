"""The Admin API's one door: tokens, the bucket of points, and how GraphQL says that something went wrong.

Reading and writing are two methods. The one that reads refuses every mutation that changes the shop; the one that
writes wants an `Approved`, which the executor alone can make.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from tillhand_common.errors import (
    IndeterminateWrite,
    UpstreamError,
    UpstreamProtocolError,
    UpstreamRejected,
    UpstreamThrottled,
    UpstreamUnavailable,
)
from tillhand_common.http import Options, UpstreamClient, UpstreamResponse
from tillhand_common.problems import Problem
from tillhand_mcp.adapters.shopify.documents import Operation
from tillhand_mcp.adapters.upstreams.bucket import SLACK_S, CostBucket
from tillhand_mcp.adapters.upstreams.standing import UNAUTHORIZED, Standing
from tillhand_mcp.adapters.upstreams.tokens import Tokens
from tillhand_mcp.errors import ConnectorUnavailable, ToolRefused
from tillhand_mcp.ports.connector import Approved

LONGEST_TOLD: Final = 300
_IN_PROGRESS: Final = frozenset({"IDEMPOTENCY_CONCURRENT_REQUEST"})
Data = dict[str, Any]


@dataclass(slots=True)
class _Write:
    """A write under way: `lost` once an attempt at it was sent and not answered, so that it may have been done."""

    lost: bool = False

    def lose(self, error: UpstreamError) -> None:  # noqa: ARG002  # what the client tells
        self.lost = True


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
        """Change the shop, as was approved. `keyed`: with its key, so that repeating is harmless.

        Raises `IndeterminateWrite` where any attempt may have done it, whatever the last one ended in.
        """
        given = {**variables, "key": approved.key} if keyed else variables
        write = _Write()
        try:
            return await self._execute(operation, given, repeatable=keyed, write=write)
        except Problem as error:
            if write.lost:
                raise IndeterminateWrite(self._http.name) from error
            raise

    async def _execute(
        self, operation: Operation, variables: Mapping[str, Any], *, repeatable: bool, write: _Write | None = None
    ) -> Data:
        priced = f"{operation.name}:{variables.get('first', '')}"
        body = {"query": operation.text, "variables": dict(variables), "operationName": operation.name}
        self._standing.require()
        async with self._bucket.spend(priced):
            try:
                answer = await self._post(body, priced, write, repeatable=repeatable)
            except UpstreamRejected as error:
                self._standing.refused(error)
                raise
        self._standing.succeeded()
        data: Data = answer.json()["data"]
        return data

    async def _post(
        self, body: Mapping[str, Any], priced: str, write: _Write | None, *, repeatable: bool
    ) -> UpstreamResponse:
        token = await self._token(write)
        try:
            return await self._send(body, token, priced, write, repeatable=repeatable)
        except UpstreamRejected as error:
            if error.upstream_status != UNAUTHORIZED:
                raise
        self._tokens.forget(token)  # it was taken back before its time: another, once
        return await self._send(body, await self._token(write), priced, write, repeatable=repeatable)

    async def _token(self, write: _Write | None) -> str:
        """A token; where none can be had, nothing of a write has been sent."""
        try:
            return await self._tokens.current()
        except ConnectorUnavailable as error:
            self._standing.shut_out(error.detail)
            raise
        except UpstreamError as error:
            if write is None:
                raise
            raise ConnectorUnavailable(
                f"Nothing was written: {error.detail}", retry_after_s=error.retry_after_s or 10.0
            ) from error

    async def _send(
        self, body: Mapping[str, Any], token: str, priced: str, write: _Write | None, *, repeatable: bool
    ) -> UpstreamResponse:
        def check(answer: UpstreamResponse) -> None:
            self._judge(answer, priced, write)

        options: Options = {"json": body, "headers": {"x-shopify-access-token": token}, "check": check}
        if repeatable:
            # The key in the document is what the upstream goes by; the header lets the client repeat the call.
            options["idempotency_key"] = str(body["variables"].get("key", "read"))
        if write is not None:
            options["lost"] = write.lose
        return await self._http.request("POST", self._path, **options)

    def _judge(self, answer: UpstreamResponse, priced: str, write: _Write | None) -> None:
        """Learn the price, and raise what the answer says against the call."""
        told = answer.json()
        if not isinstance(told, dict):
            raise UpstreamProtocolError(self._http.name, "answered with no GraphQL result")
        self._learn(told, priced)
        errors, data = told.get("errors"), told.get("data")
        payloads = [each for each in data.values() if each is not None] if isinstance(data, dict) else []
        if errors and write is not None and payloads:
            raise UpstreamProtocolError(self._http.name, "did it, and could not tell all of it")
        if errors:
            raise self._fault(errors, told, write)
        if not isinstance(data, dict):
            raise UpstreamProtocolError(self._http.name, "answered without data")
        if write is not None and any(_code(each) in _IN_PROGRESS for one in payloads for each in one["userErrors"]):
            raise self._under_way(write)

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

    def _under_way(self, write: _Write | None) -> Exception:
        """An earlier attempt is being done; asked for again later, the same key brings what came of it."""
        if write is not None:
            write.lost = True
        return UpstreamThrottled(self._http.name, "the same write is under way", upstream_status=200, retry_after_s=1.0)

    def _fault(self, errors: Any, told: Mapping[str, Any], write: _Write | None) -> Exception:  # noqa: ANN401  # a list, or one text
        first = errors[0] if isinstance(errors, list) and errors and isinstance(errors[0], dict) else {}
        code = (first.get("extensions") or {}).get("code", "")
        message = str(first.get("message", errors))[:LONGEST_TOLD]
        upstream = self._http.name
        if code == "THROTTLED":
            wait_s = _full_enough_s((told.get("extensions") or {}).get("cost") or {})
            return UpstreamThrottled(upstream, "its bucket is empty", upstream_status=200, retry_after_s=wait_s or 1.0)
        if code in _IN_PROGRESS:
            return self._under_way(write)
        if code == "INTERNAL_SERVER_ERROR":
            return UpstreamUnavailable(upstream, "answered with an internal error", upstream_status=500)
        if code == "ACCESS_DENIED":
            return ToolRefused(
                f"Shopify denies access: {message} Grant the app this scope and install it again.",
                extensions={"reason": "access-denied"},
            )
        return ToolRefused(f"Shopify refuses: {message}", extensions={"reason": code.lower() or "refused"})


def _code(error: Mapping[str, Any]) -> str:
    """The code of a user error, which not all mutations give."""
    return str(error.get("code") or "")


def _full_enough_s(cost: Mapping[str, Any]) -> float:
    """Seconds until a bucket that was too empty for an operation holds what it asks for."""
    status = cost.get("throttleStatus") or {}
    rate = float(status.get("restoreRate") or 0)
    lacking = float(cost.get("requestedQueryCost") or 0) - float(status.get("currentlyAvailable") or 0)
    return lacking / rate + SLACK_S if lacking > 0 and rate > 0 else 0.0
