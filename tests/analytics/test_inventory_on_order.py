"""What was ordered through the approvals counts until it is known from elsewhere, or should have come long ago."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from tests.analytics.panels import deliveries, panel
from tillhand_analytics.adapters.placed_orders import MOST_PAGES, HttpOrders
from tillhand_analytics.domain.inventory.on_order import OrderedLine, Placed, on_order
from tillhand_analytics.errors import ApprovalsUnavailable
from tillhand_analytics.service.placing import FRESH_S, Placing
from tillhand_common.testing import FakeClock, FakeUpstream, Reply

TODAY = date(2026, 11, 20)
LINE = OrderedLine("a1", "SKU-1", 7, date(2026, 11, 18), waits=False, due=None)
NOTHING = deliveries()
TEN_DAYS = np.full(3, 10.0)


def counted(*lines: OrderedLine, noted: Any = NOTHING, today: date = TODAY) -> tuple[list[float], list[float]]:  # noqa: ANN401  # deliveries
    found = on_order(panel(np.zeros((3, 5))), noted, TEN_DAYS, Placed("read", lines, today))
    return found.sent.tolist(), found.waiting.tolist()


def test_what_was_sent_is_on_order_and_what_waits_is_told_apart() -> None:
    waits = replace(LINE, proposal="a2", sku="SKU-0", units=5, waits=True)
    assert counted(LINE, waits, replace(LINE, proposal="a3", units=2)) == ([0, 9, 0], [5, 0, 0])


def test_goods_that_the_shop_does_not_have_are_left_out() -> None:
    assert counted(replace(LINE, sku="NO-SUCH")) == ([0, 0, 0], [0, 0, 0])


@pytest.mark.parametrize(
    ("purchase", "since", "counts"),
    [("P-9", 320, True), ("P-9", 321, False), ("a1", 304, False)],
)
def test_a_purchase_that_was_noted_takes_the_place_of_an_order(purchase: str, since: int, counts: bool) -> None:
    noted = replace(deliveries(("Maker", 1, since, 0, None, 7, 0)), ids=(purchase,))
    assert counted(LINE, noted=noted)[0][1] == (7 if counts else 0)


@pytest.mark.parametrize(
    ("due", "today", "counts"),
    [
        (None, date(2026, 12, 3), True),
        (None, date(2026, 12, 4), False),
        (date(2027, 1, 10), date(2027, 1, 17), True),
        (date(2027, 1, 10), date(2027, 1, 18), False),
    ],
)
def test_an_order_that_should_have_come_long_ago_counts_no_more(due: date | None, today: date, counts: bool) -> None:
    assert counted(replace(LINE, due=due), today=today)[0][1] == (7 if counts else 0)


@given(
    st.lists(
        st.builds(
            OrderedLine,
            st.text(max_size=3),
            st.sampled_from(["SKU-0", "SKU-2", "X"]),
            st.integers(1, 99),
            st.dates(date(2026, 11, 15), TODAY),
            st.booleans(),
            st.none(),
        ),
        max_size=20,
    )
)
def test_every_unit_counts_once(lines: list[OrderedLine]) -> None:
    sent, waiting = counted(*lines)
    known = [line for line in lines if line.sku != "X"]
    assert sum(sent) == sum(line.units for line in known if not line.waits)
    assert sum(waiting) == sum(line.units for line in known if line.waits)


@dataclass
class Orders:
    """Approvals that tell `lines`, or fail; counts how often they were asked."""

    lines: Sequence[OrderedLine] | None = (LINE,)
    fails: bool = False
    since: list[datetime] = field(default_factory=list)

    async def placed(self, since: datetime) -> Sequence[OrderedLine] | None:
        self.since.append(since)
        if self.fails:
            raise ApprovalsUnavailable
        return self.lines

    async def aclose(self) -> None:
        """Holds nothing."""


async def test_the_approvals_are_asked_now_and_then_and_at_once_after_a_proposal() -> None:
    clock, orders = FakeClock(), Orders()
    placing = Placing(orders, clock)
    for _ in range(3):
        assert (await placing.current()).lines == (LINE,)
    assert len(orders.since) == 1
    await clock.advance(FRESH_S)
    await placing.current()
    placing.forget()
    await placing.current()
    assert len(orders.since) == 3


async def test_what_was_known_stands_in_where_the_approvals_fail() -> None:
    clock, orders = FakeClock(), Orders(fails=True)
    placing = Placing(orders, clock)
    assert await placing.current() == Placed("unavailable")
    orders.fails = False
    await clock.advance(FRESH_S)
    read = await placing.current()
    assert (read.told, read.lines, read.today) == ("read", (LINE,), clock.now().date())
    orders.fails = True
    for _ in range(2):
        await clock.advance(FRESH_S)
        assert await placing.current() == replace(read, told="stale")


async def test_without_approvals_there_are_none() -> None:
    assert await Placing(Orders(lines=None), FakeClock()).current() == Placed()


def test_figures_of_other_orders_are_other_figures() -> None:
    one, other = Placed("read", (LINE,), TODAY), Placed("read", (replace(LINE, units=8),), TODAY)
    assert one.parameters["orders_digest"] != other.parameters["orders_digest"]
    assert Placed("read", (), TODAY).parameters == {"orders": "read", "orders_digest": None}


SINCE = datetime(2026, 5, 1, tzinfo=UTC)


def proposal(number: int, state: str, **more: Any) -> dict[str, Any]:  # noqa: ANN401  # any JSON
    return {
        "id": f"a{number}",
        "state": state,
        "revision": 1,
        "tool": "purchase_order_send",
        "tool_version": "1",
        "arguments": {"supplier": "customer-1", "lines": [{"sku": "SKU-1", "title": "One", "quantity": number}]},
        "digest": "0" * 64,
        "edited": False,
        "risk": "high",
        "decision": None,
        "outcome": None,
        "created_at": "2026-11-01T10:00:00Z",
        "updated_at": "2026-11-02T10:00:00Z",
        "expires_at": "2026-11-09T10:00:00Z",
        "execute_by": None,
        **more,
    }


@pytest.fixture
async def approvals() -> AsyncIterator[FakeUpstream]:
    async with FakeUpstream.start(Reply(503)) as upstream:
        yield upstream


@pytest.fixture
async def http(approvals: FakeUpstream) -> AsyncIterator[HttpOrders]:
    orders = HttpOrders(approvals.base_url, SecretStr("key"))
    yield orders
    await orders.aclose()


async def test_orders_are_read_page_by_page_each_by_the_day_that_counts(
    approvals: FakeUpstream, http: HttpOrders
) -> None:
    decision = {"verb": "approve", "actor": "key:1", "time": "2026-11-03T10:00:00Z", "note": ""}
    outcome = {"status": "executed", "time": "2026-11-04T10:00:00Z", "detail": {}}
    by = {"lines": [{"sku": "SKU-2", "quantity": 1}], "deliver_by": "2026-12-01"}
    first = [proposal(1, "pending"), proposal(2, "approved", decision=decision)]
    second = [proposal(3, "executed", decision=decision, outcome=outcome), proposal(4, "approved", arguments=by)]
    approvals.script(
        Reply.json({"items": first, "next_cursor": "more"}), Reply.json({"items": second, "next_cursor": None})
    )
    found = await http.placed(SINCE)
    assert [(each.proposal, each.units, each.on.day, each.waits) for each in found] == [
        ("a1", 1, 1, True),
        ("a2", 2, 3, False),
        ("a3", 3, 4, False),
        ("a4", 1, 2, False),
    ]
    assert found[-1].due == date(2026, 12, 1)
    assert "tool=purchase_order_send" in approvals.requests[0].target
    assert "state=pending" in approvals.requests[0].target
    assert "rejected" not in approvals.requests[0].target
    assert "cursor=more" in approvals.requests[1].target


@pytest.mark.parametrize(
    "arguments", [{}, {"lines": "[REDACTED]"}, {"lines": [{"sku": "SKU-1", "quantity": "[DATE]"}]}]
)
async def test_an_order_that_is_told_otherwise_is_left_out(
    approvals: FakeUpstream, http: HttpOrders, arguments: dict[str, Any]
) -> None:
    items = [proposal(1, "approved", arguments=arguments), proposal(2, "approved")]
    approvals.script(Reply.json({"items": items, "next_cursor": None}))
    assert [each.proposal for each in await http.placed(SINCE)] == ["a2"]


@pytest.mark.parametrize("reply", [Reply(503), Reply(401), Reply(body=b"<html>"), Reply.json({"items": 1})])
async def test_approvals_that_answer_otherwise_are_unavailable(
    approvals: FakeUpstream, http: HttpOrders, reply: Reply
) -> None:
    approvals.script(reply)
    with pytest.raises(ApprovalsUnavailable):
        await http.placed(SINCE)


async def test_pages_without_end_are_not_read_for_ever(approvals: FakeUpstream, http: HttpOrders) -> None:
    approvals.script(*[Reply.json({"items": [], "next_cursor": "again"})] * (MOST_PAGES + 5))
    assert await http.placed(SINCE) == []
    assert len(approvals.requests) == MOST_PAGES
