"""Objectives as data: what a file may say, and how it is told what is wrong."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.fakes.embedder import HashingEmbedder
from tillhand_common.metrics import DURATION_BUCKETS_S
from tillhand_common.slos import FASTEST_BURN, Latency, SloError, load_slos, read_objectives
from tillhand_rag.app import create_app
from tillhand_rag.settings import RagSettings

SLOS = Path(__file__).resolve().parents[2] / "slos"

Write = Callable[[dict[str, Any]], Path]


def latency(**changes: object) -> dict[str, Any]:
    """An objective that is right but for the changes."""
    return {
        "id": "search-latency",
        "description": "A search comes back quickly.",
        "route": "POST /v1/search",
        "indicator": {"kind": "latency", "threshold_ms": 100},
        "target": 0.95,
    } | changes


def file_of(*objectives: dict[str, Any], **changes: object) -> dict[str, Any]:
    return {"version": 1, "service": "rag", "window_days": 28, "objectives": list(objectives)} | changes


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def write(content: dict[str, Any]) -> Path:
        path = tmp_path / "rag.yaml"
        path.write_text(yaml.safe_dump(content))
        return path

    return write


def test_the_knowledge_base_has_objectives_for_routes_that_exist(tmp_path: Path) -> None:
    app = create_app(RagSettings(data_dir=tmp_path), embedder=HashingEmbedder())
    routes = {f"{method.upper()} {path}" for path, found in app.openapi()["paths"].items() for method in found}
    objectives = load_slos(SLOS)["rag"].objectives
    timed = {each.route for each in objectives if isinstance(each.indicator, Latency)}
    assert {each.route for each in objectives if each.route} <= routes
    assert {
        "POST /v1/search",
        "POST /v1/answers",
        "GET /v1/documents",
        "GET /v1/documents/{document_id}/text",
        "POST /v1/documents",
    } <= timed
    assert all(each.target == 0.95 for each in objectives if each.route in timed)


def test_a_promise_is_told_in_words(write: Write) -> None:
    available = latency(id="availability", indicator={"kind": "availability"}, target=0.999)
    del available["route"]
    fresh = latency(
        id="freshness", indicator={"kind": "freshness", "source": "shop", "max_age_hours": 36.0}, route=None
    )
    found = read_objectives(write(file_of(latency(), available, fresh)))
    assert [each.promise for each in found.objectives] == [
        "95 % within 100 ms",
        "99.9 % served",
        "95 % at most 36 h old",
    ]
    assert found.objectives[1].route is None


@pytest.mark.parametrize(
    ("changes", "field", "reason"),
    [
        ({"target": 1.0}, "objectives.search-latency.target", "less than 1"),
        ({"target": 0.9}, "objectives.search-latency.target", "can never fire"),
        ({"target": "0.95"}, "objectives.search-latency.target", "valid number"),
        ({"route": None}, "objectives.search-latency", "names its route"),
        ({"route": "/v1/search"}, "objectives.search-latency.route", "pattern"),
        ({"threshold_ms": 100}, "objectives.search-latency.threshold_ms", "not permitted"),
        ({"indicator": {"kind": "latency"}}, "objectives.search-latency.indicator.threshold_ms", "required"),
        (
            {"indicator": {"kind": "latency", "threshold_ms": 120}},
            "objectives.search-latency.indicator.threshold_ms",
            "http_request_duration_seconds",
        ),
        ({"indicator": {"kind": "beauty"}}, "objectives.search-latency.indicator", "'latency', 'availability'"),
        (
            {"indicator": {"kind": "freshness", "source": "shop", "max_age_hours": 25.0}, "route": None},
            "objectives.search-latency.indicator.max_age_hours",
            "tillhand_data_age_seconds",
        ),
        (
            {"indicator": {"kind": "freshness", "source": "shop", "max_age_hours": 24.0}},
            "objectives.search-latency",
            "names no route",
        ),
        ({"id": "Search Latency"}, "objectives.Search Latency.id", "pattern"),
        ({"min_requests": 0}, "objectives.search-latency.min_requests", "greater than or equal to 1"),
        ({"description": "fast"}, "objectives.search-latency.description", "at least 8"),
    ],
)
def test_what_is_wrong_with_an_objective_is_told_with_file_and_field(
    write: Write, changes: dict[str, Any], field: str, reason: str
) -> None:
    path = write(file_of(latency(**changes)))
    with pytest.raises(SloError) as refused:
        read_objectives(path)
    assert str(refused.value).startswith(f"{path}: {field}: ")
    assert reason in str(refused.value)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (file_of(latency(), latency()), "the id 'search-latency' is given twice"),
        (file_of(latency(), version=2), "version: "),
        (file_of(latency(), window_days=2), "window_days: "),
        (file_of(latency(), owner="us"), "owner: "),
        (file_of(latency(), service="shop"), "service: must be rag"),
        (file_of(), "objectives: "),
        (file_of("none"), "objectives.0: "),  # type: ignore[arg-type]  # what a person may write
    ],
)
def test_what_is_wrong_with_a_file_is_told(write: Write, content: dict[str, Any], reason: str) -> None:
    path = write(content)
    with pytest.raises(SloError, match=str(path)) as refused:
        read_objectives(path)
    assert reason in str(refused.value)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (b"service: rag\nservice: rag\n", "rag.yaml:2: the key 'service' stands twice"),
        (b"service: [rag\n", "rag.yaml:2: "),
        (b"- 1\n", "rag.yaml: the file: "),
        (b"", "rag.yaml: the file: "),
        (b"service: \xff\n", "rag.yaml: not UTF-8 text"),
        (b"service: !!python/object:os.system {}\n", "rag.yaml:1: "),
    ],
)
def test_a_file_that_is_no_plain_yaml_is_told_with_its_line(tmp_path: Path, text: bytes, reason: str) -> None:
    (tmp_path / "rag.yaml").write_bytes(text)
    with pytest.raises(SloError) as refused:
        load_slos(tmp_path)
    assert reason in str(refused.value)


def test_a_folder_without_objectives_is_told(tmp_path: Path) -> None:
    with pytest.raises(SloError, match="no file of objectives"):
        load_slos(tmp_path / "nowhere")
    with pytest.raises(SloError, match="No such file"):
        read_objectives(tmp_path / "rag.yaml")


def test_every_target_that_is_taken_leaves_room_for_the_fastest_alert(write: Write) -> None:
    lowest = 1 - 1 / FASTEST_BURN
    with pytest.raises(SloError):
        read_objectives(write(file_of(latency(target=lowest - 0.0001))))
    target = read_objectives(write(file_of(latency(target=lowest + 0.0001)))).objectives[0].target
    assert FASTEST_BURN * (1 - target) < 1


@pytest.mark.parametrize("bound_s", DURATION_BUCKETS_S)
def test_every_bucket_of_the_metric_is_a_threshold(write: Write, bound_s: float) -> None:
    indicator = {"kind": "latency", "threshold_ms": bound_s * 1000}
    (objective,) = read_objectives(write(file_of(latency(indicator=indicator)))).objectives
    assert isinstance(objective.indicator, Latency)
    assert objective.indicator.threshold_ms == bound_s * 1000
