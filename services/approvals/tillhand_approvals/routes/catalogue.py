"""The names of what the shop sells, which are no people."""

from __future__ import annotations

from fastapi import APIRouter

from tillhand_approvals import errors
from tillhand_approvals.models.catalogue import CatalogueOut, CatalogueRequest
from tillhand_approvals.ports.ledger import Catalogue
from tillhand_approvals.routes.dependencies import Anybody, Executing, Joined, Reading
from tillhand_common.problems import responses

router = APIRouter(prefix="/v1/catalogue", tags=["rules"])


@router.put(
    "",
    responses=responses(errors.UncanonicalJson, errors.RedactorUnavailable, errors.StoreUnavailable),
    dependencies=[Executing],
)
async def put_catalogue(body: CatalogueRequest, caller: Anybody, joined: Joined) -> CatalogueOut:
    """Tell the redactor what the shop sells, all of it, so that it takes no brand for a person."""
    return _out(await joined.learning.learn(caller, body.names))


@router.get("", responses=responses(errors.StoreUnavailable), dependencies=[Reading])
async def get_catalogue(caller: Anybody, joined: Joined) -> CatalogueOut:
    """What the redactor has been told."""
    return _out(await joined.learning.catalogue(caller))


def _out(known: Catalogue | None) -> CatalogueOut:
    if known is None:
        return CatalogueOut(names=0, digest=None, learned_at=None)
    return CatalogueOut(names=len(known.names), digest=known.digest, learned_at=known.learned_at)
