"""Security headers on every response, errors included."""

from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

# An API serves no page: nothing may be loaded, framed or guessed from its answers, and nothing is kept.
DEFAULTS: Final[tuple[tuple[bytes, bytes], ...]] = (
    (b"x-content-type-options", b"nosniff"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"cache-control", b"no-store"),
)


class SecurityHeaders:
    """Add the default headers that a response does not set itself."""

    def __init__(self, app: ASGIApp, headers: tuple[tuple[bytes, bytes], ...] = DEFAULTS) -> None:
        self._app = app
        self._headers = headers
        self._by_name = dict(headers)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on and complete the headers of its response."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = self._complete(list(message.get("headers", ())))
            await send(message)

        await self._app(scope, receive, send_with_headers)

    def _complete(self, given: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
        for name, _ in given:
            if name in self._by_name:
                own = {name for name, _ in given}
                return given + [pair for pair in self._headers if pair[0] not in own]
        given.extend(self._headers)
        return given
