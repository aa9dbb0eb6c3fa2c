"""Tables over HTTP: a list in pages, and the same rows as files."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated, Any, ParamSpec

import orjson
from fastapi import APIRouter, Depends, Query, Request, Response

from tillhand_analytics import errors
from tillhand_analytics.domain.paging import page
from tillhand_analytics.domain.provenance import Provenance, digest_of
from tillhand_analytics.domain.tables import Table
from tillhand_analytics.models.base import Out
from tillhand_analytics.models.provenance import Listing, ProvenanceOut
from tillhand_analytics.routes.exporting import (
    CSV,
    MODE_HEADER,
    MODE_TOLD,
    PARQUET,
    Wish,
    csv_response,
    file_responses,
    parquet_response,
)
from tillhand_analytics.service.figures import Figure
from tillhand_common.problems import responses

P = ParamSpec("P")
Provider = Callable[P, Awaitable[Figure[Table]]]
Answers = dict[int | str, dict[str, Any]]
UNREADABLE = responses(errors.SourceUnavailable, errors.NoData, errors.BadFigure)


@dataclass(frozen=True, slots=True)
class Paging:
    """Which rows are wanted, in which order."""

    limit: int
    cursor: str | None
    sort: str | None


Sort = Annotated[
    str | None,
    Query(max_length=64, pattern=r"^-?[a-z][a-z0-9_]*$", description="A column, with a minus for descending."),
]


async def _paging(
    limit: Annotated[int, Query(ge=1, le=1_000, description="Rows on a page.")] = 100,
    cursor: Annotated[str | None, Query(max_length=500, description="`next_cursor` of the page before.")] = None,
    sort: Sort = None,
) -> Paging:
    return Paging(limit, cursor, sort)


async def _wish(
    sort: Sort = None,
    excel: Annotated[bool, Query(description="Begin with a byte order mark, by which Excel knows UTF-8.")] = False,
) -> Wish:
    return Wish(sort, excel)


def tabled(
    router: APIRouter, path: str, *, row: type[Out], more: Answers | None = None
) -> Callable[[Provider[P]], Provider[P]]:
    """Serve a table at `path`: the decorated dependency gives it, its own parameters are those of the request.

    Adds `GET {path}`, `{path}/export.csv` and `{path}/export.parquet`. The first paragraph of its docstring describes
    all three; the fields of `row` are the table's columns, by name and in order. `more` are answers beside those that
    every table may give.
    """
    answers = {**UNREADABLE, **(more or {})}

    def register(provide: Provider[P]) -> Provider[P]:
        async def rows(
            figure: Annotated[Figure[Table], Depends(provide)], paging: Annotated[Paging, Depends(_paging)]
        ) -> Response:
            return listed(figure, paging)

        def as_csv(
            request: Request,
            figure: Annotated[Figure[Table], Depends(provide)],
            wish: Annotated[Wish, Depends(_wish)],
        ) -> Response:
            return csv_response(request, figure.value, figure.provenance, wish)

        def as_parquet(
            request: Request, figure: Annotated[Figure[Table], Depends(provide)], sort: Sort = None
        ) -> Response:
            return parquet_response(request, figure.value, figure.provenance, sort)

        listing: Any = Listing[row]  # type: ignore[valid-type]  # a model made at run time
        about = first_paragraph(provide.__doc__)
        router.add_api_route(
            path,
            rows,
            name=provide.__name__,
            response_model=listing,
            description=about,
            responses={200: {"headers": MODE_TOLD}, **answers},
        )
        add_file(
            router,
            f"{path}/export.csv",
            as_csv,
            ServedFile(f"{provide.__name__}_csv", f"{about} All rows, as a file.", CSV, answers),
        )
        add_file(
            router,
            f"{path}/export.parquet",
            as_parquet,
            ServedFile(f"{provide.__name__}_parquet", f"{about} All rows, as a file.", PARQUET, answers),
        )
        return provide

    return register


@dataclass(frozen=True, slots=True)
class ServedFile:
    """How a file is told in OpenAPI."""

    name: str
    description: str | None
    media_type: str
    answers: Answers


def add_file(router: APIRouter, path: str, endpoint: Callable[..., Response], file: ServedFile) -> None:
    """GET, and HEAD for what its headers say; that one is in no document, as everywhere in HTTP.

    `endpoint` is run in a thread: to sort and to draw takes a while.
    """
    router.add_api_route(
        path,
        endpoint,
        name=file.name,
        response_class=Response,
        description=first_paragraph(file.description),
        responses={**file_responses(file.media_type), **file.answers},
    )
    router.add_api_route(path, endpoint, name=f"{file.name}_head", methods=["HEAD"], include_in_schema=False)


def first_paragraph(docstring: str | None) -> str:
    """What of a docstring stands in the document of the service."""
    return " ".join((docstring or "").split("\n\n", 1)[0].split())


def listed(figure: Figure[Table], paging: Paging) -> Response:
    """One page of a table, with its provenance."""
    provenance = ProvenanceOut.of(figure.provenance).model_dump(mode="json")
    digest = digest_of((figure.provenance.digest, repr(sorted(figure.provenance.parameters.items()))))
    found = page(figure.value, digest=digest, limit=paging.limit, cursor=paging.cursor, sort=paging.sort)
    body = {"provenance": provenance, "total": found.total, "items": found.items, "next_cursor": found.next_cursor}
    return as_json(body, figure.provenance)


def told(response: Response, provenance: Provenance) -> ProvenanceOut:
    """Say in a header how real an answer is; return what its body says."""
    response.headers[MODE_HEADER] = provenance.mode
    return ProvenanceOut.of(provenance)


def as_json(body: object, provenance: Provenance) -> Response:
    """An answer that is written already."""
    return Response(orjson.dumps(body), media_type="application/json", headers={MODE_HEADER: provenance.mode})
