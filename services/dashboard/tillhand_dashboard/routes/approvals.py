"""The approvals inbox: the list, and the same decision about several."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Annotated, Final, Literal, cast

from fastapi import APIRouter, Depends, Query, Request
from starlette.datastructures import FormData
from starlette.responses import HTMLResponse, RedirectResponse, Response

from tillhand_common.problems import BadRequest
from tillhand_dashboard.domain import inbox as words
from tillhand_dashboard.domain.accounts import Person
from tillhand_dashboard.domain.inbox import Group, Wanted
from tillhand_dashboard.domain.proposal_values import plain, told
from tillhand_dashboard.domain.results import Failure
from tillhand_dashboard.ports.approvals import Verb
from tillhand_dashboard.routes.dependencies import Form, Parts, SignedIn, field, needs
from tillhand_dashboard.routes.failures import is_partial, safe_next
from tillhand_dashboard.service import inbox

router = APIRouter(tags=["pages"], default_response_class=HTMLResponse)
WORDS: Final = {
    "tabs": words.TABS,
    "groupings": words.GROUPS,
    "risks": words.RISKS,
    "lights": words.LIGHTS,
    "risk_lights": words.RISK_LIGHTS,
    "done": words.DONE,
    "counted": words.counted,
    "name_of": words.name_of,
    "about": told,
    "plain": plain,
}
"""What templates of proposals find beside what every page does."""
Deciding = Annotated[Person, Depends(needs("approvals:decide"))]
MOST_AT_ONCE: Final = 100
_BATCH: Final = frozenset({"approve", "reject", "revise"})


def wanted(
    tab: Annotated[str, Query(max_length=20)] = "pending",
    q: Annotated[str, Query(max_length=200)] = "",
    tool: Annotated[str, Query(max_length=64, pattern=r"^([a-z][a-z0-9_]*)?$")] = "",
    risk: Literal["", "low", "medium", "high", "critical"] = "",
    group: Group = "",
    order: Literal["oldest", "newest"] = "oldest",
    cursor: Annotated[str, Query(max_length=200)] = "",
) -> Wanted:
    """What the address asks for. An unknown tab is the first one."""
    return Wanted(tab if tab in words.TABS else "pending", q.strip(), tool, risk, group, order, cursor)


def context(**more: object) -> Mapping[str, object]:
    """What a template of proposals is given; `key` makes a second click on the same page have no second effect."""
    return {**WORDS, "key": secrets.token_hex(16), **more}


@router.get("/approvals")
async def show_inbox(
    request: Request, parts: Parts, person: SignedIn, asked: Annotated[Wanted, Depends(wanted)]
) -> Response:
    """What waits for people, and what became of the rest. A script of the page asks for its list alone."""
    found = await inbox.read(parts.approvals, person, asked)
    template = "parts/approvals.html" if is_partial(request) else "approvals.html"
    given = context(found=found, asked=asked, may=person.may("approvals:decide"))
    return parts.pages.page(request, template, given, person=person)


@router.post("/approvals/confirm")
async def confirm(request: Request, parts: Parts, person: Deciding, form: Form) -> Response:
    """Name what a decision about several will do, before it does it."""
    verb, chosen = _verb(form), _chosen(form)
    back = safe_next(field(form, "back"))
    if not chosen:
        return RedirectResponse(back, status_code=303)
    proposals = {name: await parts.approvals.proposal(person, name) for name in chosen}
    given = context(verb=verb, chosen=chosen, proposals=proposals, back=back, note=field(form, "note"))
    return parts.pages.page(request, "approvals-confirm.html", given, person=person)


@router.post("/approvals/decisions")
async def decide_several(request: Request, parts: Parts, person: Deciding, form: Form) -> Response:
    """Decide about several. The answer says of each what became of it; asking again has no further effect."""
    verb, chosen = _verb(form), _chosen(form)
    note, back = field(form, "note").strip(), safe_next(field(form, "back"))
    if verb != "approve" and not note:
        raise BadRequest("Say why: the reason is recorded, and whoever proposed reads it.")
    if not chosen:
        raise BadRequest("Nothing was chosen.")
    decided = await parts.approvals.decide_several(person, verb, chosen, note, key=field(form, "key") or None)
    failed = decided if isinstance(decided, Failure) else None
    given = context(failed=failed, outcomes=[] if isinstance(decided, Failure) else decided.value, back=back)
    return parts.pages.page(request, "approvals-done.html", given, person=person, status=502 if failed else 200)


def _verb(form: FormData) -> Verb:
    verb = field(form, "verb")
    if verb not in _BATCH:
        raise BadRequest("There is no such decision.")
    return cast("Verb", verb)


def _chosen(form: FormData) -> Mapping[str, str]:
    """The chosen proposals: each as `id:digest`, as the page showed it."""
    pairs = [str(each).partition(":") for each in form.getlist("chosen")][:MOST_AT_ONCE]
    return {name: digest for name, _, digest in pairs if name and digest}
