"""Request ids and W3C traces: taken over, made up, and passed on."""

import re
from pathlib import Path

import pytest
from fastapi import APIRouter
from hypothesis import given
from hypothesis import strategies as st

from tillhand_common import context
from tillhand_common.app import ServiceSpec, create_app
from tillhand_common.context import TraceParent
from tillhand_common.settings import CommonSettings
from tillhand_common.testing import client

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
PARENT = f"00-{TRACE}-00f067aa0ba902b7-01"
hexadecimal = st.text("0123456789abcdef", min_size=1)


@pytest.mark.parametrize(
    "header",
    [
        "",
        "00",
        f"00-{TRACE}-00f067aa0ba902b7",
        f"00-{TRACE.upper()}-00f067aa0ba902b7-01",
        f"00-{'0' * 32}-00f067aa0ba902b7-01",
        f"00-{TRACE}-{'0' * 16}-01",
        f"ff-{TRACE}-00f067aa0ba902b7-01",
        f"{PARENT}-more",
        f"{PARENT}\n",
    ],
)
def test_a_malformed_traceparent_is_ignored(header: str) -> None:
    assert TraceParent.parse(header) is None


def test_a_later_version_may_say_more() -> None:
    assert TraceParent.parse(f"01-{TRACE}-00f067aa0ba902b7-01-more") == (TRACE, "00f067aa0ba902b7", "01")


@given(st.text())
def test_no_header_breaks_the_parser(header: str) -> None:
    trace = TraceParent.continue_from(header)
    assert TraceParent.parse(str(trace)) == trace


def test_a_trace_is_continued_with_a_span_of_our_own() -> None:
    trace = TraceParent.continue_from(PARENT)
    assert (trace.trace_id, trace.flags, trace.sampled) == (TRACE, "01", True)
    assert trace.span_id != "00f067aa0ba902b7"


def test_new_traces_differ_and_are_not_sampled() -> None:
    traces = {TraceParent.new() for _ in range(100)}
    assert len({trace.trace_id for trace in traces}) == 100
    assert not any(trace.sampled for trace in traces)


@pytest.mark.parametrize("given_id", ["a b", "x" * 65, "th_agent_made-up_not-a-secret", "", "a\nb", "ä"])
def test_a_request_id_that_is_no_id_is_replaced(given_id: str) -> None:
    info = context.from_headers(given_id, None, None)
    assert re.fullmatch("[0-9a-f]{32}", info.request_id)


@pytest.mark.parametrize("tracestate", ["a=" + "1" * 600, "a=ä", "a=\x00", "a=1\n", "a=\x7f", ""])
def test_a_tracestate_that_is_too_long_or_unprintable_is_dropped(tracestate: str) -> None:
    assert context.from_headers(None, PARENT, "a=1").tracestate == "a=1"
    assert context.from_headers(None, PARENT, tracestate).tracestate is None


def test_outside_of_a_request_there_is_nothing_to_pass_on() -> None:
    assert context.current() is None
    assert context.outgoing_headers() == {}
    assert (context.request_id(), context.trace(), context.principal(), context.deadline()) == (None,) * 4
    context.set_deadline(1)


async def test_ids_come_back_and_go_on_to_the_next_service(tmp_path: Path) -> None:
    router = APIRouter()

    @router.get("/next")
    async def outgoing() -> dict[str, str]:
        return context.outgoing_headers()

    app = create_app(ServiceSpec("s", "1", "S", "", CommonSettings(data_dir=tmp_path), routers=(router,)))
    sent = {"x-request-id": "order-66", "traceparent": PARENT, "tracestate": "vendor=1"}
    async with client(app) as http:
        answer = await http.get("/next", headers=sent)
        fresh = await http.get("/next")
    passed_on = answer.json()
    assert answer.headers["x-request-id"] == passed_on["x-request-id"] == "order-66"
    assert answer.headers["traceparent"] == passed_on["traceparent"]
    assert passed_on["traceparent"].split("-")[1] == TRACE
    assert passed_on["tracestate"] == "vendor=1"
    assert fresh.json().keys() == {"x-request-id", "traceparent"}
    assert fresh.headers["x-request-id"] not in {"order-66", TRACE}
