"""Logs: one JSON object per line, tied to their request, without secrets."""

import json
from pathlib import Path

import httpx
import pytest
import structlog
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.common.sample_service import SECRET
from tillhand_common import context, logs
from tillhand_common.access import AccessLog
from tillhand_common.logs import REDACTED, scrub
from tillhand_common.testing import service_process, settle

SAMPLE = Path(__file__).with_name("sample_service.py")


async def test_a_service_writes_nothing_but_json_and_one_access_line_per_request(tmp_path: Path) -> None:
    async with service_process(SAMPLE, {"TILLHAND_DATA_DIR": str(tmp_path)}) as service:
        async with httpx.AsyncClient(base_url=service.base_url) as http:
            answer = await http.get("/v1/boats/argo?q=jason", headers={"x-request-id": "order-66"})
            await http.get("/v1/broken", headers={"x-request-id": "order-67"})
            await http.get("/health")
        service.sigterm()
        await service.wait()
    events = [json.loads(line) for line in service.lines]
    assert all({"time", "service", "level", "event"} <= event.keys() for event in events)
    access = service.events("request")
    assert [(line["request_id"], line["status"], line["level"]) for line in access] == [
        ("order-66", 200, "info"),
        ("order-67", 500, "error"),
    ]
    assert access[0]["route"] == "/v1/boats/{boat_id}"
    assert access[0]["trace_id"] == answer.headers["traceparent"].split("-")[1]
    assert access[0]["tenant"] == "default"
    assert not any("argo" in line or "jason" in line for line in service.lines)
    (failure,) = service.events("unexpected_error")
    assert failure["request_id"] == "order-67"
    assert "RuntimeError" in str(failure["exception"])
    assert SECRET not in service.output


async def test_probes_are_logged_only_for_who_debugs(tmp_path: Path) -> None:
    async with service_process(SAMPLE, {"TILLHAND_DATA_DIR": str(tmp_path), "TILLHAND_LOG_LEVEL": "debug"}) as service:
        service.sigterm()
        await service.wait()
    assert [line["level"] for line in service.events("request")] == ["debug"]


async def test_a_person_at_a_terminal_can_have_lines_without_secrets(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure_events("sample", "info", "console")
    try:
        structlog.get_logger().info("anchored", depth_m=12, password="hunter2")
        structlog.get_logger().debug("hidden")
        AccessLog("sample", "info", "console").write("info", "GET", context.from_headers(None, None, None))
        await settle()
    finally:
        structlog.reset_defaults()
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 2
    assert "anchored" in lines[0]
    assert "depth_m=12" in lines[0]
    assert "hunter2" not in lines[0]
    assert "method=GET" in lines[1]


@pytest.mark.parametrize(
    ("secret", "kept"),
    [
        ({"authorization": "Bearer abcdefgh"}, {"authorization": REDACTED}),
        ({"Api-Key": "k", "x_api_key": "k"}, {"Api-Key": REDACTED, "x_api_key": REDACTED}),
        ({"password": "hunter2", "client_secret": "s"}, {"password": REDACTED, "client_secret": REDACTED}),
        ({"token": "t", "access_token": "t"}, {"token": REDACTED, "access_token": REDACTED}),
        ({"tokens": 12, "key_id": "abc"}, {"tokens": 12, "key_id": "abc"}),
        ({"text": f"sent {SECRET} along"}, {"text": f"sent {REDACTED} along"}),
        ({"text": "Authorization: Bearer abc.def-123"}, {"text": f"Authorization: {REDACTED}"}),
        ({"url": "redis://user:pass@cache:6379"}, {"url": f"redis://{REDACTED}@cache:6379"}),
        ({"deep": [{"cookie": "c"}, ("eyJhbGciOi.eyJzdWIi.sig",)]}, {"deep": [{"cookie": REDACTED}, [REDACTED]]}),
    ],
)
def test_secrets_are_known_by_name_and_by_form(secret: dict[str, object], kept: dict[str, object]) -> None:
    assert scrub(secret) == kept


def test_what_is_nested_too_deep_is_withheld() -> None:
    nested: object = "end"
    for _ in range(20):
        nested = [nested]
    assert "end" not in json.dumps(scrub(nested))


nested = st.recursive(
    st.text(), lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3)
)


@settings(max_examples=50)
@given(nested, st.sampled_from(["agent", "service", "operator"]))
def test_a_key_of_ours_never_passes(value: object, kind: str) -> None:
    key = f"th_{kind}_0123456789ab_made-up"
    assert key not in json.dumps(scrub({"value": value, "text": f"<{key}>", "list": [key]}), ensure_ascii=False)
