"""The door to one of Google's interfaces: tokens, and how it says that something went wrong."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from tillhand_common.errors import UpstreamProtocolError, UpstreamRejected, UpstreamThrottled
from tillhand_common.http import Options, UpstreamClient, UpstreamResponse
from tillhand_mcp.adapters.upstreams.standing import FORBIDDEN, UNAUTHORIZED, Standing
from tillhand_mcp.adapters.upstreams.tokens import Tokens
from tillhand_mcp.errors import ConnectorUnavailable, ToolRefused

LONGEST_TOLD: Final = 400
_SPENT: Final = frozenset({"quotaExceeded", "rateLimitExceeded", "userRateLimitExceeded", "RATE_LIMIT_EXCEEDED"})


@dataclass(frozen=True, slots=True)
class _Asked:
    method: Literal["GET", "POST"]
    path: str
    params: Mapping[str, str | int]
    body: Mapping[str, Any] | None = None


class GoogleClient:
    """Reads. Raises `UpstreamError`, `ToolRefused` in Google's words, `ConnectorUnavailable` where access lacks."""

    def __init__(self, http: UpstreamClient, tokens: Tokens, standing: Standing, *, help_with_access: str) -> None:
        self._http = http
        self._tokens = tokens
        self._standing = standing
        self._help = help_with_access

    async def get(self, path: str, params: Mapping[str, str | int] | None = None) -> dict[str, Any]:
        """What is at a path."""
        return await self._call(_Asked("GET", path, params or {}))

    async def post(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """What is found by a question; Google's reports are asked for by POST, and change nothing."""
        return await self._call(_Asked("POST", path, {}, body))

    async def _call(self, asked: _Asked) -> dict[str, Any]:
        self._standing.require()
        token = await self._token()
        try:
            answer = await self._send(asked, token)
        except UpstreamRejected as error:
            if error.upstream_status != UNAUTHORIZED:
                raise self._told(error) from error
            self._tokens.forget(token)
            answer = await self._again(asked)
        self._standing.succeeded()
        found = answer.json()
        if not isinstance(found, dict):
            raise UpstreamProtocolError(self._http.name, "answered with no object")
        return found

    async def _again(self, asked: _Asked) -> UpstreamResponse:
        try:
            return await self._send(asked, await self._token())
        except UpstreamRejected as error:
            raise self._told(error) from error

    async def _token(self) -> str:
        try:
            return await self._tokens.current()
        except ConnectorUnavailable as error:
            self._standing.shut_out(error.detail)
            raise

    async def _send(self, asked: _Asked, token: str) -> UpstreamResponse:
        options: Options = {
            "headers": {"authorization": f"Bearer {token}"},
            "params": asked.params,
            "check": UpstreamResponse.json,  # what is no JSON is found out inside the attempt
        }
        if asked.body is not None:
            options["json"] = dict(asked.body)
            options["idempotency_key"] = "read"
        return await self._http.request(asked.method, asked.path, **options)

    def _told(self, error: UpstreamRejected) -> Exception:
        if isinstance(error, UpstreamThrottled):
            return error
        message, reasons = _said(error)
        if error.upstream_status == FORBIDDEN and reasons & _SPENT:
            return UpstreamThrottled(
                error.upstream, "its quota is spent", upstream_status=429, retry_after_s=error.retry_after_s or 60.0
            )
        self._standing.refused(error)
        if error.upstream_status in {UNAUTHORIZED, FORBIDDEN}:
            return ConnectorUnavailable(f"{error.upstream} refuses access: {message} {self._help}")
        return ToolRefused(f"Google refuses: {message}", extensions={"reason": "refused-upstream"})


def _said(error: UpstreamRejected) -> tuple[str, set[str]]:
    """Google's words, and its reasons in either of the two forms in which it gives them."""
    try:
        told = json.loads(error.body)["error"]
        listed = [*told.get("errors", ()), *told.get("details", ())]
        reasons = {str(each.get("reason", "")) for each in listed}
        return str(told.get("message", ""))[:LONGEST_TOLD], reasons
    except (ValueError, KeyError, TypeError, AttributeError):
        return f"status {error.upstream_status}.", set()
