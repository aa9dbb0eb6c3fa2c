"""What the routes take from the running application, and the gates before them."""

from __future__ import annotations

import hmac
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Final
from urllib.parse import urlsplit

from fastapi import Depends, Request
from starlette.datastructures import FormData

from tillhand_common.settings import SettingInfo
from tillhand_dashboard import errors
from tillhand_dashboard.domain.accounts import Granted, Person
from tillhand_dashboard.domain.browsers import browser_of
from tillhand_dashboard.ports.accounts import Origin
from tillhand_dashboard.ports.analytics import Analytics
from tillhand_dashboard.ports.approvals import Approvals
from tillhand_dashboard.ports.connectors import Connectors
from tillhand_dashboard.ports.identities import Provider
from tillhand_dashboard.ports.knowledge import Knowledge
from tillhand_dashboard.ports.proving import EvidenceReports
from tillhand_dashboard.ports.services import Probes
from tillhand_dashboard.routes.assets import Assets
from tillhand_dashboard.routes.cookies import Cookies, form_token
from tillhand_dashboard.routes.pages import Pages
from tillhand_dashboard.service.administering import Administering
from tillhand_dashboard.service.board import Boards
from tillhand_dashboard.service.figures import Figures
from tillhand_dashboard.service.relay import Relay
from tillhand_dashboard.service.sessions import Sessions
from tillhand_dashboard.service.signing_in import SigningIn
from tillhand_dashboard.service.trials import Trials

MOST_FIELDS: Final = 1_000
MOST_FILES: Final = 20
LONGEST_FIELD: Final = 2 * 1024 * 1024
"""Bytes of one field: arguments as JSON may be as long as the approvals take them."""


@dataclass(frozen=True, slots=True)
class Console:
    """The running service, as the routes find it in `app.state.dashboard`."""

    pages: Pages
    assets: Assets
    cookies: Cookies
    sessions: Sessions
    signing_in: SigningIn
    administering: Administering
    probes: Probes
    settings: Sequence[SettingInfo]
    """The console's own, masked."""
    approvals: Approvals
    connectors: Connectors
    trials: Trials
    analytics: Analytics
    figures: Figures
    knowledge: Knowledge
    relay: Relay
    boards: Boards
    evidence: EvidenceReports
    provider: Provider | None
    granted: Granted
    public_url: str
    used_link: Callable[[], None]


async def _console(request: Request) -> Console:
    return request.app.state.dashboard  # type: ignore[no-any-return]  # app puts it there


Parts = Annotated[Console, Depends(_console)]


async def visitor(request: Request, parts: Parts) -> Person | None:
    """Who is signed in, if anybody."""
    return await parts.sessions.person(parts.cookies.get(request, "session"))


Visitor = Annotated[Person | None, Depends(visitor)]


async def signed_in(person: Visitor) -> Person:
    """Who is signed in. Raises `SignInNeeded`."""
    if person is None:
        raise errors.SignInNeeded
    return person


SignedIn = Annotated[Person, Depends(signed_in)]


def needs(scope: str) -> Callable[[Person], Coroutine[Any, Any, Person]]:
    """A dependency that gives a route who is signed in, if their role reaches the scope. Raises `NotAllowed`."""

    async def allowed(person: SignedIn) -> Person:
        if not person.may(scope):
            raise errors.NotAllowed(f"A {person.role} may not do this.")
        return person

    return allowed


async def checked_form(request: Request, parts: Parts) -> FormData:
    """The fields of a form that one of our own pages has sent. Raises `FormExpired`."""
    origin = request.headers.get("origin")
    if origin is not None and urlsplit(origin).netloc != request.headers.get("host"):
        raise errors.FormExpired("The form comes from another page.")
    form = await request.form(max_fields=MOST_FIELDS, max_files=MOST_FILES, max_part_size=LONGEST_FIELD)
    wanted, sent = form_token(parts.cookies.any(request)), form.get("csrf")
    if not wanted or not isinstance(sent, str) or not hmac.compare_digest(sent.encode(), wanted.encode()):
        await form.close()  # it may have brought files
        raise errors.FormExpired
    return form


Form = Annotated[FormData, Depends(checked_form)]


def origin_of(request: Request) -> Origin:
    """From where a request comes, as its owner would know it again."""
    address = request.client.host if request.client is not None else ""
    return Origin(address, browser_of(request.headers.get("user-agent", "")))


def field(form: FormData, name: str) -> str:
    """A field's text; empty where it was not sent, or is a file."""
    value = form.get(name, "")
    return value if isinstance(value, str) else ""
