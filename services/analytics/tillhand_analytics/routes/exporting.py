"""Tables and charts as files: named, tagged, and never sent to whoever has them already."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from fastapi import Request, Response
from starlette.responses import StreamingResponse

from tillhand_analytics.adapters.exporting import csv_stream, parquet_file
from tillhand_analytics.domain.charts.frame import FORMAT as CHART_FORMAT
from tillhand_analytics.domain.charts.style import STYLE_HASH
from tillhand_analytics.domain.paging import order_of
from tillhand_analytics.domain.provenance import Provenance, digest_of
from tillhand_analytics.domain.tables import Table, taken

MODE_HEADER: Final = "tillhand-mode"
ROWS_HEADER: Final = "tillhand-rows"
CSV: Final = "text/csv; charset=utf-8; header=present"
PARQUET: Final = "application/vnd.apache.parquet"
SVG: Final = "image/svg+xml"
KEPT_PRIVATELY: Final = "private, no-cache"
"""A browser may keep it, and has to ask each time whether it still holds."""
_CHART_POLICY: Final = f"default-src 'none'; style-src '{STYLE_HASH}'; frame-ancestors 'none'"
_TAG: Final = re.compile(r'(?:W/)?("[^"]*")')


@dataclass(frozen=True, slots=True)
class Wish:
    """What of a table is wanted as a file: in which order, and whether for Excel."""

    sort: str | None = None
    excel: bool = False


def told_header(description: str) -> dict[str, object]:
    """How an answer's header stands in OpenAPI."""
    return {"description": description, "schema": {"type": "string"}}


MODE_TOLD: Final = {"Tillhand-Mode": told_header("How real the answer is; it is in the answer, too.")}
_TAG_TOLD: Final = {"ETag": told_header("Changes with every byte; `If-None-Match` takes it.")}
_FILE_TOLD: Final = {
    "Tillhand-Rows": told_header("How many rows there are, the header left out."),
    "Content-Disposition": told_header("What the file is called."),
}


def file_responses(media_type: str) -> dict[int | str, dict[str, object]]:
    """What a route that answers with a file declares as its `responses`."""
    schema = {"type": "string", "format": "binary"}
    headers = MODE_TOLD | _TAG_TOLD | ({} if media_type == SVG else _FILE_TOLD)
    return {
        200: {
            "description": "The file.",
            "headers": headers,
            "content": {media_type.partition(";")[0]: {"schema": schema}},
        },
        304: {"description": "The caller has it: `If-None-Match` holds its tag."},
    }


def csv_response(request: Request, table: Table, provenance: Provenance, wish: Wish = Wish()) -> Response:
    """The table as CSV, in chunks; `Tillhand-Rows` promises how many rows follow the header.

    A stream that breaks off before them breaks the transfer too. Raises `BadFigure` naming `sort`.
    """
    order = None if wish.sort is None else order_of(table, wish.sort)
    headers = {
        **_headers(provenance, _table_tag(table, provenance, csv_stream.FORMAT, repr(wish))),
        **_as_file(table.name, provenance, "csv"),
        ROWS_HEADER: str(len(table)),
    }
    return _sent(request, CSV, headers) or StreamingResponse(
        csv_stream.csv_chunks(table, order=order, excel=wish.excel), headers=headers, media_type=CSV
    )


def parquet_response(request: Request, table: Table, provenance: Provenance, sort: str | None = None) -> Response:
    """The table as a Parquet file. Raises `BadFigure` naming `sort`."""
    ordered = table if sort is None else taken(table, order_of(table, sort))
    headers = {
        **_headers(provenance, _table_tag(table, provenance, parquet_file.FORMAT, repr(sort))),
        **_as_file(table.name, provenance, "parquet"),
        ROWS_HEADER: str(len(table)),
    }
    return _sent(request, PARQUET, headers) or StreamingResponse(
        _parquet(ordered, provenance), headers=headers, media_type=PARQUET
    )


def chart_response(request: Request, svg: str, provenance: Provenance) -> Response:
    """A chart as an SVG image, which may apply its own style sheet and load nothing."""
    headers = {**_headers(provenance, _tag(CHART_FORMAT, svg)), "content-security-policy": _CHART_POLICY}
    return _sent(request, SVG, headers) or Response(svg.encode(), headers=headers, media_type=SVG)


def _parquet(table: Table, provenance: Provenance) -> Iterator[bytes]:
    """Written when the first part is asked for: in the thread that sends it."""
    yield from parquet_file.chunks(parquet_file.parquet_file(table, _about(provenance)))


def _sent(request: Request, media_type: str, headers: Mapping[str, str]) -> Response | None:
    """The answer where no body is needed."""
    if _has(request.headers.get("if-none-match", ""), headers["etag"]):
        return Response(status_code=304, headers=dict(headers))
    if request.method != "HEAD":
        return None
    response = Response(headers=dict(headers), media_type=media_type)
    del response.headers["content-length"]  # that of the body is not known before it is written
    return response


def _has(if_none_match: str, etag: str) -> bool:
    """Whether the caller has it (RFC 9110, 13.1.2: compared as if weak)."""
    return if_none_match.strip() == "*" or etag in _TAG.findall(if_none_match)


def _headers(provenance: Provenance, etag: str) -> dict[str, str]:
    return {"etag": etag, "cache-control": KEPT_PRIVATELY, MODE_HEADER: provenance.mode}


def _as_file(name: str, provenance: Provenance, extension: str) -> dict[str, str]:
    real = "" if provenance.live else f"-{provenance.mode.upper()}"
    plain = re.sub(r"[^A-Za-z0-9_-]+", "-", name)
    return {"content-disposition": f'attachment; filename="{plain}-{provenance.last_day}{real}.{extension}"'}


def _table_tag(table: Table, provenance: Provenance, *written: str) -> str:
    """Of all that the bytes follow from, so that nothing has to be written to know it."""
    columns = [f"{column.name}:{column.kind}:{column.description}" for column in table.columns]
    return _tag(table.name, repr(sorted(_about(provenance).items())), *columns, *written)


def _tag(*parts: str) -> str:
    return f'"{digest_of(parts)[:32]}"'


def _about(provenance: Provenance) -> dict[str, object]:
    """Where a table comes from; not when it was calculated, which changes no figure."""
    return {
        "mode": provenance.mode,
        "digest": provenance.digest,
        "first_day": provenance.first_day.isoformat(),
        "last_day": provenance.last_day.isoformat(),
        "time_zone": provenance.time_zone,
        "currency": provenance.currency,
        "method": f"{provenance.method.name} {provenance.method.version}",
        "parameters": dict(sorted(provenance.parameters.items())),
    }
