"""Security headers on every response, errors included."""

from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tillhand_common import context

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
        info = context.current()
        if info is not None:
            info.on_start.append(self._complete)
        await self._app(scope, receive, send)

    def _complete(self, message: Message) -> None:
        given: list[tuple[bytes, bytes]] = message["headers"]
        own = {name for name, _ in given if name in self._by_name}
        if own:
            given.extend(pair for pair in self._headers if pair[0] not in own)
        else:
            given.extend(self._headers)
