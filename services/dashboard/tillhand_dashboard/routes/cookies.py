"""The cookies of the console, and the token that its forms carry.

All are HttpOnly and SameSite=Lax, and go over TLS alone where browsers come by TLS; then their names begin with
`__Host-`, so that no other host of the domain can set them. A form's token is an HMAC keyed by the cookie, which no
page of another site can read: whoever has the one can make the other, and nobody the other way round.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from typing import Final, Literal

from starlette.requests import Request
from starlette.responses import Response

Kind = Literal["session", "visit", "journey", "look"]
JOURNEY_S: Final = 600
VISIT_S: Final = 86_400
LOOK_S: Final = 365 * 86_400
LOOKS: Final = ("light", "dark")
"""What a person may choose; without a choice the console looks as the device does."""


def form_token(cookie: str) -> str:
    """What the forms of a page carry; nothing without a cookie."""
    return hmac.new(cookie.encode(), b"tillhand form", hashlib.sha256).hexdigest() if cookie else ""


class Cookies:
    """Reads and sets them. `visit` stands in for the session on the pages before a sign-in."""

    def __init__(self, *, secure: bool, session_s: int) -> None:
        self._secure = secure
        self._ages: Final[dict[Kind, int]] = {
            "session": session_s,
            "visit": VISIT_S,
            "journey": JOURNEY_S,
            "look": LOOK_S,
        }

    def get(self, request: Request, kind: Kind) -> str:
        """What the browser sent; empty without."""
        return request.cookies.get(self._name(kind), "")

    def look(self, request: Request) -> str:
        """How pages look in this browser; empty where nothing is chosen."""
        chosen = self.get(request, "look")
        return chosen if chosen in LOOKS else ""

    def any(self, request: Request) -> str:
        """The cookie that forms are bound to."""
        return getattr(request.state, "visit", "") or self.get(request, "session") or self.get(request, "visit")

    def visit(self, request: Request) -> str:
        """A new value where the browser has neither a session nor a visit; to be set on the answer."""
        if self.any(request):
            return ""
        request.state.visit = secrets.token_urlsafe(24)
        return str(request.state.visit)

    def set(self, response: Response, kind: Kind, value: str) -> None:
        """Have the browser keep it."""
        response.set_cookie(
            self._name(kind),
            value,
            max_age=self._ages[kind],
            path="/",
            secure=self._secure,
            httponly=True,
            samesite="lax",
        )

    def drop(self, response: Response, kind: Kind) -> None:
        """Have the browser forget it."""
        response.delete_cookie(self._name(kind), path="/", secure=self._secure, httponly=True, samesite="lax")

    def _name(self, kind: Kind) -> str:
        return f"{'__Host-' if self._secure else ''}tillhand_{kind}"
