"""The audit log: searched, verified, exported, and names behind pseudonyms for those who may see them."""

from __future__ import annotations

from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from tillhand_common.problems import BadRequest, Unavailable, responses
from tillhand_dashboard import errors
from tillhand_dashboard.domain.accounts import Person
from tillhand_dashboard.domain.recording import KINDS, Wanted
from tillhand_dashboard.domain.results import Failure
from tillhand_dashboard.routes.dependencies import Console, Form, Parts, checked_form, field, needs
from tillhand_dashboard.routes.downloads import sent
from tillhand_dashboard.service.records import arrived, listed, verification

router = APIRouter(prefix="/audit", tags=["pages"], default_response_class=HTMLResponse)
Reader = Annotated[Person, Depends(needs("audit:read"))]
Unmasker = Annotated[Person, Depends(needs("audit:unmask"))]
Word = Annotated[str, Query(max_length=200)]
EXPORT_REFUSALS: Final = responses(errors.SignInNeeded, errors.NotAllowed, BadRequest, Unavailable)
_FILE: Final = 'attachment; filename="audit.jsonl"'


async def wanted(
    kind: Word = "",
    actor: Word = "",
    proposal: Word = "",
    since: Word = "",
    until: Word = "",
    after: Word = "",
    before: Word = "",
) -> Wanted:
    """What is asked for; a place that is no number is none."""
    return Wanted(
        kind=kind.strip(),
        actor=actor.strip(),
        proposal=proposal.strip(),
        since=since.strip(),
        until=until.strip(),
        after=_number(after),
        before=_number(before),
    )


Asked = Annotated[Wanted, Depends(wanted)]


@router.get("")
async def show_records(request: Request, parts: Parts, person: Reader, asked: Asked, verified: Word = "") -> Response:
    """The records that the address asks for, a page at a time; with the number of a verification, what that found."""
    if (number := _number(verified)) is None:
        return await _page(request, parts, person, asked)
    return await _page(request, parts, person, asked, verified=await verification(parts.approvals, person, number))


@router.get("/new")
async def show_new_records(request: Request, parts: Parts, person: Reader, seen: Word = "") -> Response:
    """What was recorded after a number: a part of the page, which it asks for as records come in."""
    number = _number(seen) or 0
    newest = parts.relay.newest
    context = {
        "seen": number,
        "count": max(0, newest - number),
        "found": await arrived(parts.approvals, person, number, newest),
    }
    return parts.pages.page(request, "parts/audit-new.html", context, person=person)


@router.post("/verify", responses=responses(errors.FormExpired), dependencies=[Depends(checked_form)])
async def verify_records(request: Request, parts: Parts, person: Reader) -> Response:
    """Verify the whole record, and go on to what was found, which is recorded."""
    found = await parts.approvals.verified(person)
    if isinstance(found, Failure) or found.value.recorded_as is None:
        return await _page(request, parts, person, Wanted(), verified=found)
    return RedirectResponse(f"/audit?verified={found.value.recorded_as}", status_code=303)


@router.post("/unmask", responses=responses(errors.FormExpired))
async def unmask_name(request: Request, parts: Parts, person: Unmasker, form: Form) -> Response:
    """Who stands behind a pseudonym. Who asked, and why, is recorded first; the answer is on this page alone."""
    pseudonym, reason = field(form, "pseudonym").strip(), field(form, "reason").strip()
    if not pseudonym or not reason:
        found: Any = Failure("refused", "Give the pseudonym, and a reason that others can follow.")
    else:
        found = await parts.approvals.unmask(person, pseudonym, reason)
    told = {"pseudonym": pseudonym, "reason": reason, "found": found}
    return await _page(request, parts, person, Wanted(), unmasked=told)


@router.get("/export.jsonl", response_class=Response, responses=EXPORT_REFUSALS)
async def export_records(parts: Parts, person: Reader, asked: Asked) -> Response:
    """What the address asks for as JSON lines, redacted as it is kept. Raises what `refused` gives."""
    found = await parts.approvals.exported(person, **asked.search)
    return sent(found, {"content-disposition": _FILE, "cache-control": "no-store"})


async def _page(request: Request, parts: Console, person: Person, asked: Wanted, **more: Any) -> Response:  # noqa: ANN401  # what the template takes
    context = {
        "listed": await listed(parts.approvals, person, asked, parts.relay.newest),
        "wanted": asked,
        "kinds": _kinds(asked.kind),
        "verified": None,
        "newest": parts.relay.newest,
        "unmasked": None,
        **more,
    }
    return parts.pages.page(request, "audit.html", context, person=person)


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else None  # noqa: PLR2004  # below 2^53


def _kinds(chosen: str) -> list[tuple[str, str]]:
    single = [] if not chosen or chosen in KINDS else [(chosen, chosen)]
    return [("", "All"), *((name, name.capitalize()) for name in KINDS), *single]
