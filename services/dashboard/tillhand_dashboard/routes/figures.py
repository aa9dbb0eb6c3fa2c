"""Charts and files of analytics on the console's own origin, and what the pages of figures have in common."""

from __future__ import annotations

import re
from typing import Any, Final

from fastapi import APIRouter, Request
from starlette.responses import Response

from tillhand_common.problems import BadRequest, NotFound, Unavailable, responses
from tillhand_dashboard import errors
from tillhand_dashboard.domain.accounts import Person
from tillhand_dashboard.domain.figures import plain, shown
from tillhand_dashboard.domain.panels import Panel
from tillhand_dashboard.domain.results import Failure, Result
from tillhand_dashboard.ports.views import Attached
from tillhand_dashboard.routes.dependencies import Console, Parts, SignedIn
from tillhand_dashboard.routes.downloads import refused, sent
from tillhand_dashboard.service.figures import Ask

router = APIRouter(prefix="/figures", tags=["figures"])
REFUSALS: Final = responses(errors.SignInNeeded, errors.NotAllowed, BadRequest, NotFound, Unavailable)
KEPT: Final = "private, max-age=60"
_NAME: Final = re.compile(r"[a-z][a-z_]{0,30}")
_OURS: Final = frozenset({"person", "path", "sku", "self"})


@router.get("/sku/chart.svg", response_class=Response, responses=REFUSALS)
async def demand_chart(request: Request, parts: Parts, person: SignedIn, sku: str) -> Response:
    """What was sold of a SKU day by day, and what is expected."""
    return passed(await parts.analytics.demand_chart(person, sku, **asked(request)))


@router.get("/{path:path}/chart.svg", response_class=Response, responses=REFUSALS)
async def chart(request: Request, parts: Parts, person: SignedIn, path: str) -> Response:
    """A chart as analytics has drawn it; its parameters are those of analytics."""
    return passed(await parts.analytics.chart(person, path, **asked(request)))


@router.get("/sku/chart.json", response_class=Response, responses=REFUSALS)
async def demand_numbers(request: Request, parts: Parts, person: SignedIn, sku: str) -> Response:
    """The numbers behind the chart of a SKU's demand, for whoever looks nearer."""
    return passed(await parts.analytics.demand_numbers(person, sku, **asked(request)))


@router.get("/{path:path}/chart.json", response_class=Response, responses=REFUSALS)
async def chart_numbers(request: Request, parts: Parts, person: SignedIn, path: str) -> Response:
    """The numbers behind a chart over days."""
    return passed(await parts.analytics.chart_numbers(person, path, **asked(request)))


@router.get("/{path:path}/export.csv", response_class=Response, responses=REFUSALS)
async def export(request: Request, parts: Parts, person: SignedIn, path: str) -> Response:
    """All rows of a table as a file; its parameters are those of analytics."""
    return sent(await parts.analytics.exported(person, path, **asked(request)))


def asked(request: Request) -> dict[str, Any]:
    """The parameters of a request that go on to analytics."""
    given = request.query_params.items()
    return {name: value for name, value in given if _NAME.fullmatch(name) and name not in _OURS}


def passed(found: Result[Attached]) -> Response:
    """A picture as it came. Raises what `refused` gives."""
    if isinstance(found, Failure):
        raise refused(found)
    came = found.value
    headers = {"cache-control": KEPT, "content-type": came.media_type, "tillhand-mode": came.mode}
    if came.policy:
        headers["content-security-policy"] = came.policy
    return Response(came.content, headers=headers)


def ask_of(panel: Panel) -> Ask:
    """What a panel asks for."""
    return Ask(panel.path, panel.columns, panel.sort, panel.limit, panel.parameters)


async def frame(parts: Console, person: Person) -> dict[str, Any]:
    """What every page of figures shows beside them: whether they are real, and what is missing."""
    return {"status": await parts.analytics.status(person), "shown": shown, "plain": plain}
