"""A token of the shop's own app, by its client credentials; it is good for about a day."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Final

from pydantic import SecretStr

from tillhand_common.errors import UpstreamRejected, UpstreamThrottled
from tillhand_common.http import UpstreamClient
from tillhand_mcp.adapters.upstreams.tokens import Token, granted
from tillhand_mcp.errors import ConnectorUnavailable

LIFETIME_S: Final = 3_600.0


def grant(client: UpstreamClient, client_id: str, client_secret: SecretStr) -> Callable[[], Awaitable[Token]]:
    """How a token is got (RFC 6749, 4.4). Raises `UpstreamError`, `ConnectorUnavailable` where the shop says no."""

    async def renew() -> Token:
        form = {
            "grant_type": "client_credentials",
            "client_id": client_id,
            "client_secret": client_secret.get_secret_value(),
        }
        try:
            # A token more or less changes nothing: asking again is harmless.
            answer = await client.request(
                "POST", "/admin/oauth/access_token", data=form, idempotency_key="token", timeout_s=10.0
            )
        except UpstreamThrottled:
            raise
        except UpstreamRejected as error:
            raise ConnectorUnavailable(
                f"Shopify refuses the app's client credentials (status {error.upstream_status}): is the app installed "
                "in this store, and are id and secret those of the same app?"
            ) from error
        return granted(answer, LIFETIME_S)

    return renew
