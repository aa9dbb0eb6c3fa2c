"""What holds for every table and every chart that the service has, whoever adds it."""

from __future__ import annotations

import csv
import io
import json
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from typing import get_args

import httpx
import orjson
import polars as pl
from fastapi.routing import APIRoute
from pydantic import BaseModel

from tillhand_analytics.domain.guarding import guarded
from tillhand_analytics.routes import ROUTERS

CSV = "/export.csv"
ROUTES = [
    route
    for router in ROUTERS
    for route in router.routes
    if isinstance(route, APIRoute) and "GET" in (route.methods or ())
]
LISTINGS: dict[str, type[BaseModel]] = {route.path: route.response_model for route in ROUTES}


def asked_for_nothing(suffix: str) -> Iterator[str]:
    """Paths that need no parameter."""
    for route in ROUTES:
        if route.path.endswith(suffix) and "{" not in route.path and not _required(route):
            yield route.path


def _required(route: APIRoute) -> bool:
    waiting = [route.dependant]
    while waiting:
        dependant = waiting.pop()
        if any(each.field_info.is_required() for each in dependant.query_params):
            return True
        waiting += dependant.dependencies
    return False


def told(cell: object) -> str:
    if cell is None:
        return ""
    return guarded(cell) if isinstance(cell, str) else orjson.dumps(cell).decode()


async def test_every_table_is_the_same_in_json_csv_and_parquet(analytics: httpx.AsyncClient) -> None:
    for path in asked_for_nothing(CSV):
        answer = await analytics.get(path)
        assert answer.status_code == 200, path
        page = await analytics.get(path.removesuffix(CSV), params={"limit": 1_000})
        listed = page.json()
        header, *rows = list(csv.reader(io.StringIO(answer.text, newline="")))
        assert len(rows) == listed["total"] == int(answer.headers["tillhand-rows"]), path
        assert rows[: len(listed["items"])] == [[told(cell) for cell in item.values()] for item in listed["items"]], (
            path
        )
        _is_of_its_model(path.removesuffix(CSV), page.content, header)
        await _is_the_same_in_parquet(analytics, path, header, listed["total"])
        again = await analytics.get(path, headers={"if-none-match": answer.headers["etag"]})
        assert again.status_code == 304, path
        for column in header:
            found = await analytics.get(path.removesuffix(CSV), params={"sort": f"-{column}", "limit": 3})
            assert found.status_code == 200, (path, column)


def _is_of_its_model(path: str, content: bytes, header: list[str]) -> None:
    row = LISTINGS[path].model_fields["items"].annotation
    (model,) = get_args(row)
    assert list(model.model_fields) == header, path
    LISTINGS[path].model_validate_json(content)


async def _is_the_same_in_parquet(analytics: httpx.AsyncClient, path: str, header: list[str], total: int) -> None:
    parquet = await analytics.get(path.replace(CSV, "/export.parquet"))
    frame = pl.read_parquet(parquet.content)
    assert (frame.columns, frame.height) == (header, total), path
    about = json.loads(pl.read_parquet_metadata(io.BytesIO(parquet.content))["tillhand"])
    assert all(about["columns"].values()), path


async def test_every_chart_is_a_picture_that_says_what_it_shows(analytics: httpx.AsyncClient) -> None:
    for path in asked_for_nothing("/chart.svg"):
        for width in (360, 720):
            answer = await analytics.get(path, params={"width": width})
            assert answer.status_code == 200, path
            root = ET.fromstring(answer.text)  # noqa: S314  # our own
            assert root.attrib["viewBox"].split()[2] == str(width), path
            said = {each.tag.rpartition("}")[2]: each.text for each in root}
            assert len(said["desc"] or "") > len(said["title"] or "") > 0, path
            assert ">MOCK<" in answer.text, path


def test_every_table_and_chart_goes_out_in_all_its_forms() -> None:
    paths = {route.path for route in ROUTES}
    tables = {path.removesuffix(CSV) for path in paths if path.endswith(CSV)}
    assert tables <= paths
    assert {f"{table}/export.parquet" for table in tables} <= paths
