"""What people approved is done once; what may have been done is said to be unknown, and never done again."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import SecretStr

from tests.mcp_vendors.conftest import Connect
from tests.mcp_vendors.stage import How, QuickClock, Stage, staged, trial, writer
from tests.mcp_vendors.writes import EFFECTS, KEYED, PROPOSAL, UNKEYED, executed, paid, wanted
from tillhand_common.errors import UpstreamTimeout
from tillhand_common.testing import FakeUpstream, Reply
from tillhand_mcp.adapters.upstreams.tokens import FixedToken
from tillhand_mcp.errors import ToolRefused
from tillhand_mcp.mock.arrivals import Arrival
from tillhand_mcp.mock.faults import FOREVER, Effect, Fault, Kind
from tillhand_mcp.ports.connector import Connector
from tillhand_mockshop.model import Shop

UNHEARD: tuple[Kind, ...] = ("reset", "half_close", "wrong_length", "black_hole", "drip", "status")
BRIEF = 0.4


def connector_of(connect: Connect, stage: Stage, name: str, how: How | None = None) -> Connector:
    return connect(vendor(name), stage.url, how or How())[0]


def vendor(name: str) -> str:
    return name.partition("_")[0]


def attempts(stage: Stage, name: str) -> list[Arrival]:
    return [each for each in stage.mock.requests if EFFECTS[name] in each.searched]


def lost(name: str, kind: Kind, effect: Effect, times: int = 1) -> Fault:
    return Fault(kind=kind, operation=EFFECTS[name], times=times, effect=effect, seconds=3600.0)


@pytest.mark.parametrize("name", EFFECTS)
async def test_what_was_approved_takes_effect_once(stage: Stage, connect: Connect, goods: Shop, name: str) -> None:
    outcome, detail = await executed(connector_of(connect, stage, name), name, wanted(name, goods))
    assert (outcome, detail["result"]["origin"]["mode"]) == ("executed", "mock")
    assert stage.written() == [(EFFECTS[name], PROPOSAL if name in KEYED else None)]


@pytest.mark.parametrize("name", KEYED)
async def test_a_write_with_a_key_is_asked_for_again_and_done_once(goods: Shop, name: str) -> None:
    for kind in UNHEARD:
        async with trial(goods, "shopify", How(total_s=BRIEF)) as (stage, made):
            stage.mock.faults.script(lost(name, kind, "after"))
            outcome, _ = await executed(made, name, wanted(name, goods))
            assert (outcome, stage.written()) == ("executed", [(EFFECTS[name], PROPOSAL)]), kind
            assert len(attempts(stage, name)) == 2, kind


@pytest.mark.parametrize("name", UNKEYED)
async def test_a_write_without_a_key_whose_answer_is_lost_is_unknown_and_never_repeated(goods: Shop, name: str) -> None:
    for kind in (*UNHEARD, "bad_json"):
        async with trial(goods, vendor(name), How(total_s=BRIEF)) as (stage, made):
            stage.mock.faults.script(lost(name, kind, "after"))
            outcome, detail = await executed(made, name, wanted(name, goods))
            assert outcome == "outcome_unknown", (kind, detail)
            assert (stage.written(), len(attempts(stage, name))) == ([(EFFECTS[name], None)], 1), kind


@pytest.mark.parametrize("name", KEYED)
async def test_an_answer_to_a_keyed_write_that_cannot_be_read_is_not_asked_for_again(goods: Shop, name: str) -> None:
    """It came, and is no JSON: that is a fault of the upstream's that repeating does not cure."""
    async with trial(goods, "shopify", How()) as (stage, made):
        stage.mock.faults.script(lost(name, "bad_json", "after"))
        outcome, _ = await executed(made, name, wanted(name, goods))
        assert (outcome, len(stage.written())) == ("outcome_unknown", 1)


@pytest.mark.parametrize("name", KEYED)
async def test_a_lost_attempt_leaves_it_unknown_whatever_the_next_one_ends_in(goods: Shop, name: str) -> None:
    meaning = EFFECTS[name]
    after = (
        Fault(kind="throttled", operation=meaning, times=FOREVER),
        Fault(kind="status", status=429, operation=meaning, times=FOREVER),
        Fault(kind="status", status=403, operation=meaning, times=FOREVER),
        Fault(kind="status", status=401, operation=meaning, times=FOREVER),
        None,  # the breaker has opened
    )
    for fault in after:
        async with trial(goods, "shopify", How(threshold=1 if fault is None else 1000)) as (stage, made):
            stage.mock.faults.script(lost(name, "reset", "after"), *([] if fault is None else [fault]))
            outcome, detail = await executed(made, name, wanted(name, goods))
            assert (outcome, detail["error"]) == ("outcome_unknown", "indeterminate-write"), fault
            assert stage.written() == [(meaning, PROPOSAL)]


@pytest.mark.parametrize("name", [each for each in EFFECTS if each not in {"shopify_refund", "shopify_price_change"}])
async def test_what_was_never_sent_has_failed(connect: Connect, goods: Shop, name: str) -> None:
    made, _ = connect(vendor(name), "http://127.0.0.1:9")
    outcome, detail = await executed(made, name, wanted(name, goods))
    assert (outcome, detail["error"]) == ("failed", "upstream-unavailable")


@pytest.mark.parametrize(("name", "reads"), [("shopify_refund", "Order"), ("shopify_price_change", "Price")])
async def test_where_reading_before_the_write_fails_nothing_was_written(goods: Shop, name: str, reads: str) -> None:
    for kind in (*UNHEARD, "bad_json", "throttled"):
        async with trial(goods, "shopify", How(total_s=0.2)) as (stage, made):
            stage.mock.faults.script(Fault(kind=kind, operation=f"Tillhand{reads} ", times=FOREVER, seconds=3600.0))
            outcome, detail = await executed(made, name, wanted(name, goods))
            assert (outcome, stage.written(), attempts(stage, name)) == ("failed", [], []), (kind, detail)
            assert "Nothing was written" in detail["detail"]


@pytest.mark.parametrize("name", ["shopify_refund", "shopify_price_change"])
@pytest.mark.parametrize("data", [{}, {"order": {"id": "x"}}, {"shop": {}}, {"productVariant": {"id": 1}}])
async def test_where_what_is_read_before_has_another_shape_nothing_was_written(
    connect: Connect, goods: Shop, name: str, data: dict[str, Any]
) -> None:
    async with FakeUpstream.start(Reply.json({"data": data})) as upstream:
        outcome, detail = await executed(connect.shopify(upstream.base_url), name, wanted(name, goods))
        assert (outcome, "Nothing was written" in detail["detail"]) == ("failed", True)
        assert not any(b"mutation" in each.body for each in upstream.requests)


class NoTokens(FixedToken):
    """A grant that does not answer."""

    async def current(self) -> str:
        raise UpstreamTimeout("shopify", "no answer in time")


@pytest.mark.parametrize("name", [each for each in EFFECTS if each.startswith("shopify_")])
async def test_without_a_token_nothing_was_written(stage: Stage, connect: Connect, goods: Shop, name: str) -> None:
    made = connect.shopify(stage.url, How(tokens=NoTokens(SecretStr(""))))
    outcome, detail = await executed(made, name, wanted(name, goods))
    assert (outcome, stage.exchanges) == ("failed", []), detail


@pytest.mark.parametrize("name", KEYED)
async def test_a_write_that_is_still_under_way_is_waited_for(connect: Connect, goods: Shop, name: str) -> None:
    """Its key is in use: the first attempt goes on, and will have its effect."""
    busy = {"userErrors": [{"field": None, "message": "Wait.", "code": "IDEMPOTENCY_CONCURRENT_REQUEST"}]}
    answer: dict[str, Any] = {"data": {"inventoryAdjustQuantities": {"inventoryAdjustmentGroup": None, **busy}}}
    if name == "shopify_refund":
        answer = {"errors": [{"message": "Wait.", "extensions": {"code": "IDEMPOTENCY_CONCURRENT_REQUEST"}}]}
    async with staged(goods, QuickClock()) as real:
        order = await shopify_order(connect, real, goods)
    async with FakeUpstream.start(Reply.json(answer)) as upstream:
        if name == "shopify_refund":
            upstream.script(Reply.json({"data": {"order": order}}))
        outcome, _ = await executed(connect.shopify(upstream.base_url), name, wanted(name, goods))
        assert outcome == "outcome_unknown"
        assert len([each for each in upstream.requests if b"mutation" in each.body]) == 3


async def shopify_order(connect: Connect, stage: Stage, goods: Shop) -> dict[str, Any]:
    from tillhand_mcp.adapters.shopify import documents  # noqa: PLC0415  # of this helper alone

    found = await connect.shopify(stage.url).client.read(
        documents.ORDER, {"id": f"gid://shopify/Order/{paid(goods).id}"}
    )
    order: dict[str, Any] = found["order"]
    return order


async def test_a_write_that_was_done_and_only_partly_told_of_is_unknown(connect: Connect, goods: Shop) -> None:
    name = "shopify_product_update"
    told = {
        "data": {"productUpdate": {"product": None, "userErrors": []}},
        "errors": [{"message": "Field could not be resolved", "path": ["productUpdate", "product"]}],
    }
    async with FakeUpstream.start(Reply.json(told)) as upstream:
        outcome, _ = await executed(connect.shopify(upstream.base_url), name, wanted(name, goods))
        assert (outcome, len(upstream.requests)) == ("outcome_unknown", 1)


@pytest.mark.parametrize(
    ("name", "change", "reason"),
    [
        ("shopify_inventory_adjust", {"expected_available": 1_000_000}, "no longer matches"),
        ("shopify_price_change", {"expected_price_minor": 1}, "the price is"),
        ("shopify_price_change", {"currency": "JPY"}, "sells in"),
        ("shopify_refund", {"amount_minor": 10**9}, "can be given back"),
        ("shopify_refund", {"currency": "JPY"}, "order is in"),
        ("shopify_refund", {"order_id": "gid://shopify/Order/1"}, "no such order"),
        ("shopify_discount_create", {"percent": None, "amount_minor": 500, "currency": "JPY"}, "sells in"),
        ("shopify_discount_create", {"minimum_minor": 500, "currency": "JPY"}, "sells in"),
    ],
)
async def test_where_the_shop_is_not_what_it_was_thought_to_be_nothing_is_written(
    stage: Stage, connect: Connect, goods: Shop, name: str, change: dict[str, Any], reason: str
) -> None:
    made = connect.shopify(stage.url)
    outcome, detail = await executed(made, name, {**wanted(name, goods), **change})
    assert (outcome, stage.written()) == ("failed", [])
    assert reason in detail["detail"]


@pytest.mark.parametrize(
    ("name", "change", "reason"),
    [
        ("shopify_inventory_adjust", {"expected_available": 1_000_000}, "stock-changed"),
        ("shopify_inventory_adjust", {"location_id": "gid://shopify/Location/1"}, "not-found"),
        ("shopify_price_change", {"expected_price_minor": 1}, "price-changed"),
        ("shopify_price_change", {"expected_price_minor": 0}, "price-changed"),
        ("shopify_refund", {"amount_minor": 10**9}, "more-than-refundable"),
        ("shopify_product_update", {"product_id": "gid://shopify/Product/1"}, "not-found"),
        ("shopify_discount_create", {"percent": None, "amount_minor": 500, "currency": "JPY"}, "another-currency"),
    ],
)
async def test_what_could_not_be_done_is_not_even_proposed(
    stage: Stage, connect: Connect, goods: Shop, name: str, change: dict[str, Any], reason: str
) -> None:
    bound = writer(connect.shopify(stage.url), name)
    assert bound.preview is not None
    with pytest.raises(ToolRefused) as refused:
        await bound.preview(bound.takes.model_validate({**wanted(name, goods), **change}))
    assert (refused.value.extensions["reason"], stage.written()) == (reason, [])


async def test_a_preview_tells_what_would_change(stage: Stage, connect: Connect, goods: Shop) -> None:
    made = connect.shopify(stage.url)
    shown = {}
    for name in (each for each in EFFECTS if each.startswith("shopify_")):
        bound = writer(made, name)
        assert bound.preview is not None
        shown[name] = await bound.preview(bound.takes.model_validate(wanted(name, goods)))
    (stock, _), (price, percent) = shown["shopify_inventory_adjust"], shown["shopify_price_change"]
    assert stock["before"] - stock["after"] == 2
    assert float(price["after"]) == pytest.approx(float(price["before"]) + 1)
    assert percent["name"] == "change_percent"
    assert {each["field"] for each in shown["shopify_product_update"]} == {"title", "tags"}
    assert (shown["shopify_refund"][0]["before"], shown["shopify_refund"][0]["after"]) == (0, 500)
    assert stage.written() == []


async def test_what_costs_nothing_can_be_given_a_price(connect: Connect) -> None:
    variant = {
        "id": "gid://shopify/ProductVariant/2",
        "sku": "A",
        "title": "T",
        "price": "0.00",
        "compareAtPrice": None,
    }
    async with FakeUpstream.start() as upstream:
        upstream.script(
            Reply.json({"data": {"shop": {"currencyCode": "GBP"}}}),
            Reply.json(
                {"data": {"productVariant": {**variant, "product": {"id": "gid://shopify/Product/1", "title": "P"}}}}
            ),
        )
        bound = writer(connect.shopify(upstream.base_url), "shopify_price_change")
        assert bound.preview is not None
        given = {"product_id": "gid://shopify/Product/1", "variant_id": variant["id"], "price_minor": 500}
        asked = bound.takes.model_validate({**given, "currency": "GBP", "expected_price_minor": 0})
        assert [each.get("after") for each in await bound.preview(asked)] == ["5.00"]


async def test_the_vendors_refusal_is_told_in_its_own_words(stage: Stage, connect: Connect, goods: Shop) -> None:
    made = connect.shopify(stage.url)
    arguments = wanted("shopify_discount_create", goods)
    assert (await executed(made, "shopify_discount_create", arguments))[0] == "executed"
    outcome, detail = await executed(made, "shopify_discount_create", arguments)
    assert (outcome, "Code must be unique" in detail["detail"]) == ("failed", True)
    assert len(stage.written()) == 1


async def test_a_throttled_write_was_not_done_and_is_done_later(stage: Stage, connect: Connect, goods: Shop) -> None:
    for name in (each for each in EFFECTS if each.startswith("shopify_")):
        stage.mock.faults.script(Fault(kind="throttled", operation=EFFECTS[name]))
        outcome, detail = await executed(connect.shopify(stage.url), name, wanted(name, goods), name)
        assert outcome == "executed", (name, detail)
    assert sorted(each for each, _ in stage.written()) == sorted(set(EFFECTS.values()) - {"SubmitUrl"})


async def test_an_order_that_was_paid_in_another_currency_is_not_refunded(connect: Connect, goods: Shop) -> None:
    """Shopify takes the amount of a refund for one in the currency in which the customer has paid."""
    money = {"shopMoney": {"amount": "90.00", "currencyCode": goods.currency}}
    none = {"shopMoney": {"amount": "0.00", "currencyCode": goods.currency}}
    order = {"totalPriceSet": money, "totalRefundedSet": none, "refundable": True, "presentmentCurrencyCode": "JPY"}
    async with FakeUpstream.start(Reply.json({"data": {"order": order}})) as upstream:
        made, _ = connect("shopify", upstream.base_url)
        outcome, detail = await executed(made, "shopify_refund", wanted("shopify_refund", goods))
        assert (outcome, len(upstream.requests)) == ("failed", 1)
        assert "paid in JPY" in detail["detail"]
