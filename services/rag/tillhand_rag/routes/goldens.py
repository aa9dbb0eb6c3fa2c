"""Golden questions: kept by collection, so that rebuilds and backups are judged by them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response, status

from tillhand_common.problems import responses
from tillhand_common.security import Principal, require
from tillhand_rag.domain.goldens import GoldenQuestion
from tillhand_rag.errors import CollectionNotFound, InvalidFilter, NoGoldens, StoreUnavailable
from tillhand_rag.models.base import CollectionName
from tillhand_rag.models.goldens import GoldenQuestionOut, GoldenSet, GoldensPut
from tillhand_rag.ports.goldens import Goldens
from tillhand_rag.routes.dependencies import conditions
from tillhand_rag.routes.evaluation_shapes import golden

router = APIRouter(prefix="/v1/goldens", tags=["evaluations"])

Reader = Annotated[Principal, Depends(require("rag:read"))]
Writer = Annotated[Principal, Depends(require("rag:write"))]
InCollection = Annotated[CollectionName, Query(description="The collection; keys may be bound to some.")]


async def goldens(request: Request) -> Goldens:
    """The golden questions of the running application."""
    return request.app.state.rag.goldens  # type: ignore[no-any-return]  # app puts a KnowledgeBase there


TheGoldens = Annotated[Goldens, Depends(goldens)]


@router.get("", responses=responses(CollectionNotFound, StoreUnavailable))
async def get_goldens(principal: Reader, goldens: TheGoldens, collection: InCollection = "default") -> GoldenSet:
    """The golden questions of a collection."""
    principal.check_collection(collection)
    return _set(collection, await goldens.of(collection))


@router.put("", responses=responses(CollectionNotFound, InvalidFilter, StoreUnavailable))
async def put_goldens(body: GoldensPut, principal: Writer, goldens: TheGoldens) -> GoldenSet:
    """Let these be the golden questions of a collection, all together."""
    principal.check_collection(body.collection)
    for at, question in enumerate(body.questions):
        conditions(question.filters, f"body.questions.{at}.filters")
    questions = [golden(question) for question in body.questions]
    await goldens.replace(body.collection, questions)
    return _set(body.collection, questions)


@router.delete(
    "",
    status_code=status.HTTP_204_NO_CONTENT,
    response_class=Response,
    responses=responses(CollectionNotFound, NoGoldens, StoreUnavailable),
)
async def delete_goldens(principal: Writer, goldens: TheGoldens, collection: InCollection = "default") -> None:
    """Forget the golden questions of a collection."""
    principal.check_collection(collection)
    if not await goldens.delete(collection):
        raise NoGoldens("The collection has no golden questions.", field="collection")


def _set(collection: str, questions: Sequence[GoldenQuestion]) -> GoldenSet:
    return GoldenSet(
        collection=collection,
        questions=[GoldenQuestionOut.model_validate(asdict(question)) for question in questions],
    )
