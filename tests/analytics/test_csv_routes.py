"""Tables over HTTP: as pages of JSON, as CSV and as Parquet, with the same cells in all three."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import httpx
import numpy as np
import orjson
import polars as pl
import pytest
from fastapi.openapi.utils import get_openapi

from tests.analytics.served_table import ROWS, router, things
from tests.fakes.shops import HeldSources
from tillhand_analytics.adapters.exporting import csv_stream
from tillhand_analytics.app import create_app
from tillhand_analytics.domain.provenance import Mode
from tillhand_analytics.domain.records import Shop
from tillhand_analytics.settings import AnalyticsSettings
from tillhand_common.testing import client, running

CSV = "/v1/things/export.csv"
PARQUET = "/v1/things/export.parquet"


def service(shop: Shop, folder: Path, mode: Mode = "mock") -> AbstractAsyncContextManager[httpx.AsyncClient]:
    app = create_app(AnalyticsSettings(data_dir=folder), sources=HeldSources(shop, mode))
    app.routes.extend(router.routes)
    return client(app)


@pytest.fixture
async def http(shop: Shop, tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    async with service(shop, tmp_path) as asked:
        yield asked


async def test_a_csv_says_what_it_is(http: httpx.AsyncClient) -> None:
    answer = await http.get(CSV)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/csv; charset=utf-8; header=present"
    assert answer.headers["tillhand-mode"] == "mock"
    assert answer.headers["tillhand-rows"] == str(ROWS)
    assert answer.headers["cache-control"] == "private, no-cache"
    assert answer.headers["content-disposition"] == 'attachment; filename="things-2026-10-31-MOCK.csv"'
    assert len(list(csv.reader(io.StringIO(answer.text, newline="")))) == ROWS + 1


@pytest.mark.parametrize(("mode", "mark"), [("live", ""), ("recorded", "-RECORDED")])
async def test_a_file_is_named_for_how_real_it_is(shop: Shop, tmp_path: Path, mode: Mode, mark: str) -> None:
    async with service(shop, tmp_path, mode) as http:
        answer = await http.get(CSV)
    assert answer.headers["content-disposition"] == f'attachment; filename="things-2026-10-31{mark}.csv"'
    assert answer.headers["tillhand-mode"] == mode


async def test_a_file_that_lost_rows_breaks_off_for_its_reader(
    shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = create_app(AnalyticsSettings(data_dir=tmp_path), sources=HeldSources(shop))
    app.routes.extend(router.routes)
    whole = csv_stream.frame  # type: ignore[attr-defined]  # where the stream looks for it
    monkeypatch.setattr(csv_stream, "frame", lambda part: whole(part).head(300))
    async with running(app) as address, httpx.AsyncClient(base_url=address) as http:
        with pytest.raises(httpx.RemoteProtocolError, match="incomplete"):
            await http.get(CSV)
        monkeypatch.setattr(csv_stream, "frame", whole)
        assert (await http.get(CSV)).status_code == 200


@pytest.mark.parametrize("sort", ["", "?sort=name", "?sort=-days_of_cover"])
async def test_all_pages_of_json_are_the_csv_and_the_parquet(http: httpx.AsyncClient, sort: str) -> None:
    items: list[dict[str, object]] = []
    cursor: str | None = None
    while True:
        asked = {"limit": "400", **({"cursor": cursor} if cursor else {}), **({"sort": sort[6:]} if sort else {})}
        body = (await http.get("/v1/things", params=asked)).raise_for_status().json()
        items += body["items"]
        cursor = body["next_cursor"]
        if cursor is None:
            break
    table = csv.DictReader(io.StringIO((await http.get(CSV + sort)).text, newline=""))
    told = [
        {name: "" if cell is None else orjson.dumps(cell).decode().strip('"') for name, cell in row.items()}
        for row in items
    ]
    assert list(table) == told
    frame = pl.read_parquet((await http.get(PARQUET + sort)).content)
    assert frame.with_columns(pl.col("last_sold").dt.to_string()).to_dicts() == items


async def test_a_parquet_file_tells_what_it_holds(http: httpx.AsyncClient) -> None:
    answer = await http.get(PARQUET)
    assert answer.headers["content-type"] == "application/vnd.apache.parquet"
    assert answer.headers["content-disposition"] == 'attachment; filename="things-2026-10-31-MOCK.parquet"'
    about = json.loads(pl.read_parquet_metadata(io.BytesIO(answer.content))["tillhand"])
    assert about["mode"] == "mock"
    assert about["columns"]["days_of_cover"] == "Days until nothing is left."
    assert about["method"] == "things 1"
    assert pl.read_parquet(answer.content).schema["last_sold"] == pl.Date


@pytest.mark.parametrize("path", [CSV, PARQUET])
async def test_who_has_the_file_gets_no_second_one(http: httpx.AsyncClient, path: str) -> None:
    first = await http.get(path)
    tag = first.headers["etag"]
    assert tag.startswith('"')
    for has in (tag, f"W/{tag}", f'"other", {tag}', "*"):
        again = await http.get(path, headers={"if-none-match": has})
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["etag"] == tag
    other = await http.get(path, headers={"if-none-match": '"other"'})
    assert (other.status_code, other.content) == (200, first.content)


async def test_whatever_changes_the_bytes_changes_the_tag(http: httpx.AsyncClient, shop: Shop, tmp_path: Path) -> None:
    asked = ("", "?sort=name", "?sort=-name", "?excel=true", "?above=5")
    tags = [(await http.get(CSV + query)).headers["etag"] for query in asked]
    bodies = [(await http.get(CSV + query)).content for query in asked]
    async with service(shop, tmp_path / "live", "live") as live:
        tags.append((await live.get(CSV)).headers["etag"])
    assert len(set(tags)) == len(tags)
    assert len(set(bodies)) == len(bodies)
    assert (await http.get(CSV, headers={"cache-control": "no-cache"})).headers["etag"] == tags[0]


@pytest.mark.parametrize("path", [CSV, PARQUET])
async def test_a_head_tells_the_same_without_a_body(http: httpx.AsyncClient, path: str) -> None:
    whole, head = await http.get(path), await http.head(path)
    assert (head.status_code, head.content) == (200, b"")
    for name in ("etag", "content-type", "content-disposition", "tillhand-rows", "tillhand-mode"):
        assert head.headers[name] == whole.headers[name]


async def test_excel_gets_its_mark(http: httpx.AsyncClient) -> None:
    assert (await http.get(f"{CSV}?excel=1")).content.startswith(b"\xef\xbb\xbfname,")


async def test_a_bad_parameter_is_named(http: httpx.AsyncClient) -> None:
    bad = {"sort=price": "query.sort", "sort=%3D1": "query.sort", "above=x": "query.above"}
    for path in ("/v1/things", CSV, PARQUET):
        for query, field in bad.items():
            answer = await http.get(f"{path}?{query}")
            assert answer.status_code == 422, (path, query)
            assert field in answer.text, (path, query)


async def test_no_rows_are_a_header_and_nothing_else(http: httpx.AsyncClient) -> None:
    answer = await http.get(f"{CSV}?above=100000000")
    assert answer.content == b"name,days_of_cover,units,last_sold\r\n"
    assert answer.headers["tillhand-rows"] == "0"
    assert pl.read_parquet((await http.get(f"{PARQUET}?above=100000000")).content).height == 0


def test_files_are_in_the_document_with_their_types() -> None:
    paths = get_openapi(title="", version="", routes=router.routes)["paths"]
    assert set(paths[CSV]["get"]["responses"]["200"]["content"]) == {"text/csv"}
    assert "304" in paths[PARQUET]["get"]["responses"]
    assert paths[CSV]["get"]["description"] == "Things of the shop. All rows, as a file."
    assert set(paths[CSV]) == {"get"}


def test_the_served_table_has_what_is_missing_and_what_is_guarded() -> None:
    table = things(0)
    assert np.isnan(np.asarray(table.columns[1].values)).any()
    assert None in table.columns[0].values


async def test_a_page_of_an_allowed_origin_can_read_what_an_answer_promises(shop: Shop, tmp_path: Path) -> None:
    origin = "https://console.example"
    settings = AnalyticsSettings(data_dir=tmp_path, allowed_origins=(origin,))
    app = create_app(settings, sources=HeldSources(shop))
    app.routes.extend(router.routes)
    async with client(app) as http:
        answers = [await http.get(path, headers={"origin": origin}) for path in (CSV, "/v1/things", "/v1/status")]
    for answer in answers:
        exposed = {name.strip().lower() for name in answer.headers["access-control-expose-headers"].split(",")}
        assert {name for name in answer.headers if name.startswith("tillhand-")} <= exposed
        assert {"etag", "content-disposition", "retry-after"} <= exposed
    assert answers[0].headers["tillhand-rows"]
