"""Every way in which an upstream goes wrong: a named error in time, a breaker that opens, and nothing left open."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest

from tests.mcp_vendors.stage import (
    DEADLINE_S,
    LATE_S,
    NAMES,
    NOW,
    How,
    QuickClock,
    asked,
    built,
    deadline,
    staged,
    trial,
)
from tillhand_common.errors import (
    CircuitOpen,
    UpstreamError,
    UpstreamProtocolError,
    UpstreamThrottled,
    UpstreamTimeout,
    UpstreamUnavailable,
)
from tillhand_common.testing import FakeClock, FakeUpstream, Reply
from tillhand_mcp.mock.faults import FOREVER, Fault, Kind
from tillhand_mockshop.model import Shop

THRESHOLD = 3
FAULTS: dict[str, tuple[Fault, type[UpstreamError], bool]] = {
    "429": (Fault(kind="status", status=429, retry_after_s=9.0), UpstreamThrottled, False),
    "throttled": (Fault(kind="throttled"), UpstreamThrottled, False),
    "quota": (Fault(kind="quota"), UpstreamThrottled, False),
    "500": (Fault(kind="status", status=500), UpstreamUnavailable, True),
    "503": (Fault(kind="status", status=503), UpstreamUnavailable, True),
    "reset": (Fault(kind="reset"), UpstreamUnavailable, True),
    "half_close": (Fault(kind="half_close"), UpstreamUnavailable, True),
    "drip": (Fault(kind="drip", seconds=3600.0), UpstreamTimeout, True),
    "black_hole": (Fault(kind="black_hole"), UpstreamTimeout, True),
    # It answers, though nothing that can be read: that speaks against its program, and not against its health.
    "bad_json": (Fault(kind="bad_json"), UpstreamProtocolError, False),
    "wrong_length": (Fault(kind="wrong_length"), UpstreamUnavailable, True),
}
"""What goes wrong, as what it is told, and whether it counts for the breaker."""


def script(name: str, fault: Fault) -> Fault:
    return Fault(
        kind=fault.kind,
        upstream=name,  # type: ignore[arg-type]  # the connector's name is the upstream's
        times=FOREVER,
        status=fault.status,
        seconds=fault.seconds,
        retry_after_s=fault.retry_after_s,
    )


def sockets() -> set[str]:
    """The sockets that this process has open."""
    found = set()
    for each in Path("/proc/self/fd").iterdir():
        try:
            found.add(os.readlink(each))  # noqa: PTH115  # what it says is no path
        except OSError:  # that of the listing itself
            continue
    return {each for each in found if each.startswith("socket:")}


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("name", NAMES)
async def test_a_call_ends_in_time_as_an_error_that_has_a_name(goods: Shop, name: str, fault: str) -> None:
    wrong, told, _ = FAULTS[fault]
    async with trial(goods, name, How()) as (stage, made):
        stage.mock.faults.script(script(name, wrong))
        with deadline(DEADLINE_S), pytest.raises(UpstreamError) as raised:
            async with asyncio.timeout(DEADLINE_S + LATE_S):
                await asked(made)
        assert type(raised.value) is told
        assert made.id in raised.value.detail
        assert "127.0.0.1" not in raised.value.detail
        assert (await made.state()).last_success_at is None


@pytest.mark.parametrize("name", NAMES)
async def test_the_breaker_opens_for_what_speaks_against_the_upstream_alone(goods: Shop, name: str) -> None:
    for fault, (wrong, _, counts) in FAULTS.items():
        async with trial(goods, name, How(attempts=1, threshold=THRESHOLD, total_s=0.1)) as (stage, made):
            stage.mock.faults.script(script(name, wrong))
            for _ in range(THRESHOLD):
                with pytest.raises(UpstreamError):
                    await asked(made)
            state = await made.state()
            assert (state.breaker, state.state) == (("open", "degraded") if counts else ("closed", "mock")), fault
            if counts:
                with pytest.raises(CircuitOpen):
                    await asked(made)
                assert len(stage.mock.requests) == THRESHOLD


@pytest.mark.parametrize("name", NAMES)
async def test_after_its_rest_one_probe_goes_out_and_then_everything(goods: Shop, name: str) -> None:
    clock, held = FakeClock(NOW), asyncio.Event()
    async with staged(goods, QuickClock()) as real, FakeUpstream.start(Reply(500)) as upstream:
        made, http = built(name, upstream.base_url, Path("unused"), How(clock, attempts=1, threshold=THRESHOLD))
        genuine, _ = built(name, real.url, Path("unused"), How(clock))
        await asked(genuine)
        answer = Reply(200, real.exchanges[-1].answer, {"content-type": "application/json"})
        for _ in range(THRESHOLD):
            with pytest.raises(UpstreamUnavailable):
                await asked(made)
        before = len(upstream.requests)
        await clock.advance(29.9)
        with pytest.raises(CircuitOpen):
            await asked(made)
        await clock.advance(0.2)
        upstream.default = answer
        upstream.script(answer.held(held))
        calls = [asyncio.ensure_future(asked(made)) for _ in range(20)]
        await upstream.received(before + 1)
        refused = await asyncio.gather(*calls[1:], return_exceptions=True)
        assert {type(each) for each in refused} == {CircuitOpen}
        held.set()
        await calls[0]
        assert (http.breaker.state, len(upstream.requests)) == ("closed", before + 1)
        await asyncio.gather(*(asked(made) for _ in range(3)))
        assert len(upstream.requests) == before + 4
        await asyncio.gather(made.aclose(), genuine.aclose())


@pytest.mark.parametrize("name", NAMES)
async def test_no_socket_is_left_open(goods: Shop, name: str) -> None:
    kinds: tuple[Kind, ...] = ("reset", "half_close", "drip", "black_hole", "bad_json", "wrong_length")
    async with staged(goods, FakeClock(NOW)) as stage:
        before = sockets()
        made, _ = built(name, stage.url, Path("unused"), How(total_s=0.1, attempts=2))
        for kind in kinds:
            stage.mock.faults.script(script(name, Fault(kind=kind, seconds=3600.0)))
            await asyncio.gather(*(asked(made) for _ in range(5)), return_exceptions=True)
            stage.mock.faults.clear()
            await asyncio.gather(asked(made), return_exceptions=True)  # how long it takes here is not the question
        calls = [asyncio.ensure_future(asked(made)) for _ in range(5)]
        await asyncio.sleep(0)
        for each in calls:
            each.cancel()
        await asyncio.gather(*calls, return_exceptions=True)
        await made.aclose()
        async with asyncio.timeout(5):
            while sockets() - before:  # noqa: ASYNC110  # the mock's own ends close when it hears of it
                await asyncio.sleep(0)


@pytest.mark.parametrize("name", NAMES)
async def test_an_upstream_that_is_well_again_is_asked_again(goods: Shop, name: str) -> None:
    async with trial(goods, name, How(attempts=2)) as (stage, made):
        fault = script(name, Fault(kind="reset"))
        fault.times = 1
        stage.mock.faults.script(fault)
        assert (await asked(made)).origin.mode == "mock"
        assert [each.fault for each in stage.mock.requests] == ["reset", None]
        assert (await made.state()).last_success_at is not None
