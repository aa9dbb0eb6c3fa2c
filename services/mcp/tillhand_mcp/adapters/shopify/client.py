"""The Admin API's one door: tokens, the bucket of points, and how GraphQL says that something went wrong.

Reading and writing are two methods. The one that reads refuses every mutation that changes the shop; the one that
writes wants an `Approved`, which the executor alone can make.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from tillhand_common.errors import (
    UpstreamProtocolError,
    UpstreamRejected,
    UpstreamThrottled,
    UpstreamUnavailable,
)
from tillhand_common.http import UpstreamClient, UpstreamResponse
from tillhand_mcp.adapters.shopify.documents import Operation
from tillhand_mcp.adapters.upstreams.bucket import CostBucket
from tillhand_mcp.adapters.upstreams.standing import UNAUTHORIZED, Standing
from tillhand_mcp.adapters.upstreams.tokens import Tokens
from tillhand_mcp.errors import ToolRefused
from tillhand_mcp.ports.connector import Approved

LONGEST_TOLD: Final = 300
_IN_PROGRESS: Final = frozenset({"IDEMPOTENCY_CONCURRENT_REQUEST"})
Data = dict[str, Any]


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
        return await self._execute(operation, given, repeatable=keyed)

    async def _execute(self, operation: Operation, variables: Mapping[str, Any], *, repeatable: bool) -> Data:
        priced = f"{operation.name}:{variables.get('first', '')}"
        body = {"query": operation.text, "variables": dict(variables), "operationName": operation.name}
        self._standing.require()
        async with self._bucket.spend(priced):
            try:
                answer = await self._post(body, priced, repeatable=repeatable)
            except UpstreamRejected as error:
                self._standing.refused(error)
                raise
        self._standing.succeeded()
        data: Data = answer.json()["data"]
        return data

    async def _post(self, body: Mapping[str, Any], priced: str, *, repeatable: bool) -> UpstreamResponse:
        token = await self._tokens.current()
        try:
            return await self._send(body, token, priced, repeatable=repeatable)
        except UpstreamRejected as error:
            if error.upstream_status != UNAUTHORIZED:
                raise
        self._tokens.forget(token)  # it was taken back before its time: another, once
        return await self._send(body, await self._tokens.current(), priced, repeatable=repeatable)

    async def _send(self, body: Mapping[str, Any], token: str, priced: str, *, repeatable: bool) -> UpstreamResponse:
        def check(answer: UpstreamResponse) -> None:
            self._judge(answer, priced)

        headers = {"x-shopify-access-token": token}
        if repeatable:
            # The key in the document is what the upstream goes by; the header lets the client repeat the call.
            key = str(body["variables"].get("key", "read"))
            return await self._http.request(
                "POST", self._path, json=body, headers=headers, check=check, idempotency_key=key
            )
        return await self._http.request("POST", self._path, json=body, headers=headers, check=check)

    def _judge(self, answer: UpstreamResponse, priced: str) -> None:
        """Learn the price, and raise what the answer says against the call."""
        told = answer.json()
        if not isinstance(told, dict):
            raise UpstreamProtocolError(self._http.name, "answered with no GraphQL result")
        self._learn(told, priced)
        errors = told.get("errors")
        if errors:
            raise self._fault(errors, told)
        if not isinstance(told.get("data"), dict):
            raise UpstreamProtocolError(self._http.name, "answered without data")

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

    def _fault(self, errors: Any, told: Mapping[str, Any]) -> Exception:  # noqa: ANN401  # a list, or one text
        first = errors[0] if isinstance(errors, list) and errors and isinstance(errors[0], dict) else {}
        code = (first.get("extensions") or {}).get("code", "")
        message = str(first.get("message", errors))[:LONGEST_TOLD]
        upstream = self._http.name
        if code == "THROTTLED":
            wait_s = self._bucket.wait_s(
                float(((told.get("extensions") or {}).get("cost") or {}).get("requestedQueryCost") or 0)
            )
            return UpstreamThrottled(upstream, "its bucket is empty", upstream_status=200, retry_after_s=wait_s or 1.0)
        if code in _IN_PROGRESS:
            return UpstreamThrottled(upstream, "the same write is under way", upstream_status=200, retry_after_s=1.0)
        if code == "INTERNAL_SERVER_ERROR":
            return UpstreamUnavailable(upstream, "answered with an internal error", upstream_status=500)
        if code == "ACCESS_DENIED":
            return ToolRefused(
                f"Shopify denies access: {message} Grant the app this scope and install it again.",
                extensions={"reason": "access-denied"},
            )
        return ToolRefused(f"Shopify refuses: {message}", extensions={"reason": code.lower() or "refused"})
