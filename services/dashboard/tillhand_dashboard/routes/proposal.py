"""One proposal: looked at, decided about, edited, and its sources opened."""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import Annotated, Any, Final, Literal, cast

from fastapi import APIRouter, Path, Request
from starlette.datastructures import FormData
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, RedirectResponse, Response

from tillhand_common.problems import BadRequest
from tillhand_dashboard.domain.accounts import Person
from tillhand_dashboard.domain.inbox import DONE
from tillhand_dashboard.domain.proposal_values import plain
from tillhand_dashboard.domain.results import Failure
from tillhand_dashboard.ports.approvals import Decision, Verb
from tillhand_dashboard.routes.approvals import Deciding, context
from tillhand_dashboard.routes.dependencies import Console, Form, Parts, SignedIn, field
from tillhand_dashboard.routes.failures import is_partial, wants_page
from tillhand_dashboard.service import proposal as reading

router = APIRouter(prefix="/approvals", tags=["pages"], default_response_class=HTMLResponse)
Id = Annotated[str, Path(pattern=r"^[0-9a-f]{32}$")]
VERBS: Final = frozenset({"approve", "reject", "revise", "escalate", "undo", "settle"})
SEE_OTHER: Final = HTTPStatus.SEE_OTHER
MEANWHILE: Final = frozenset(
    {"already-decided", "wrong-state", "already-voted", "proposal-changed", "proposal-expired"}
)
"""Refusals that only say that something happened since the page was made."""
UNSURE: Final = frozenset({"idempotency-key-in-use", "idempotency-outcome-unknown"})
"""Refusals that leave open whether it was done, as no answer does."""


@router.get("/{proposal_id}")
async def show_proposal(
    request: Request, parts: Parts, person: SignedIn, proposal_id: Id, view: Literal["redacted", "full"] = "redacted"
) -> Response:
    """All that a decision needs. With `view=full` what is withheld is shown, and the look is recorded."""
    found = await reading.read(parts.approvals, person, proposal_id, full=view == "full")
    template = "parts/proposal.html" if is_partial(request) else "proposal.html"
    return page(request, parts, person, template, found=found)


@router.get("/{proposal_id}/arguments.json", response_class=PlainTextResponse)
async def show_whole(parts: Parts, person: SignedIn, proposal_id: Id) -> Response:
    """Arguments and evidence, redacted, as they are, however long."""
    found = await parts.approvals.proposal(person, proposal_id)
    if isinstance(found, Failure):
        return PlainTextResponse(found.reason, status_code=found.status or HTTPStatus.BAD_GATEWAY)
    whole = {"arguments": found.value.arguments, "evidence": found.value.evidence, "why": found.value.justification}
    return PlainTextResponse(plain(json.dumps(whole, ensure_ascii=False, indent=2)))


@router.get("/{proposal_id}/changes/{number}", response_class=PlainTextResponse)
async def show_change(
    parts: Parts, person: SignedIn, proposal_id: Id, number: Annotated[int, Path(ge=0, le=1_000)]
) -> Response:
    """The whole of what a piece of evidence says would change, as text, however long."""
    found = await reading.comparison(parts.approvals, person, (proposal_id, number))
    if isinstance(found, Failure):
        return PlainTextResponse(found.reason, status_code=found.status or HTTPStatus.BAD_GATEWAY)
    return PlainTextResponse(found.value)


@router.get("/{proposal_id}/sources/{number}")
async def show_source(
    request: Request, parts: Parts, person: SignedIn, proposal_id: Id, number: Annotated[int, Path(ge=0, le=1_000)]
) -> Response:
    """What a piece of evidence quotes, at its place in the source."""
    found = await reading.passage(parts.approvals, parts.knowledge, person, (proposal_id, number))
    return page(request, parts, person, "proposal-source.html", found=found, proposal_id=proposal_id)


@router.post("/{proposal_id}/decision")
async def decide(request: Request, parts: Parts, person: Deciding, proposal_id: Id, form: Form) -> Response:
    """Decide about what the page showed. A second click has no further effect; whoever was faster is named."""
    decision = _decision(form)
    if decision.verb in {"reject", "revise"} and not decision.note:
        problem = Failure("refused", "Say why: it is recorded, and whoever proposed this reads it.", status=422)
    else:
        decided = await parts.approvals.decide(person, proposal_id, decision, key=field(form, "key") or None)
        if not isinstance(decided, Failure):
            return done(request, proposal_id)
        problem = decided
    return await again(request, parts, person, proposal_id, problem, decision)


@router.post("/{proposal_id}/note")
async def note(parts: Parts, person: Deciding, proposal_id: Id, form: Form) -> Response:
    """Comment; it decides nothing."""
    if text := field(form, "text").strip():
        said = await parts.approvals.note(person, proposal_id, text)
        if isinstance(said, Failure):
            raise BadRequest(said.reason)
    return RedirectResponse(f"/approvals/{proposal_id}#history", status_code=SEE_OTHER)


def _decision(form: FormData) -> Decision:
    verb = field(form, "verb")
    if verb not in VERBS:
        raise BadRequest("There is no such decision.")
    return Decision(
        cast("Verb", verb),
        field(form, "digest") or None,
        field(form, "note").strip(),
        role=field(form, "role") or None,
        outcome=field(form, "outcome") or None,
    )


def done(request: Request, proposal_id: str) -> Response:
    """On to the proposal; a script of ours needs no page."""
    if wants_page(request):
        return RedirectResponse(f"/approvals/{proposal_id}", status_code=SEE_OTHER)
    return Response(status_code=HTTPStatus.NO_CONTENT)


async def again(
    request: Request, parts: Console, person: Person, proposal_id: str, problem: Failure, decision: Decision
) -> Response:
    """The page as it is now, with why nothing was decided, and what was typed."""
    found = await reading.read(parts.approvals, person, proposal_id)
    made = None if isinstance(found, Failure) else found.value.proposal.decision
    if problem.slug in MEANWHILE and made is not None and (made.actor, made.verb) == (person.name, decision.verb):
        return done(request, proposal_id)
    meanwhile = problem.slug in MEANWHILE
    status = problem.status or HTTPStatus.BAD_GATEWAY
    if not wants_page(request):
        who = "" if made is None or not meanwhile else f"{made.actor} {DONE.get(made.verb, made.verb)} it already."
        return JSONResponse({"detail": who or problem.reason, "meanwhile": meanwhile}, status_code=status)
    unsure = problem.kind == "away" or problem.slug in UNSURE
    given = {"found": found, "problem": problem, "meanwhile": meanwhile, "unsure": unsure, "tried": decision}
    return page(request, parts, person, "proposal.html", status=status, **given)


def page(
    request: Request,
    parts: Console,
    person: Person,
    template: str,
    *,
    status: int = 200,
    **given: Any,  # noqa: ANN401  # what a template takes
) -> Response:
    """A page of a proposal."""
    whole = f"/approvals/{request.path_params['proposal_id']}/arguments.json"
    defaults = {
        "problem": None,
        "meanwhile": False,
        "unsure": False,
        "tried": None,
        "whole": whole,
        "may": person.may("approvals:decide"),
    }
    return parts.pages.page(request, template, context(**{**defaults, **given}), person=person, status=status)
