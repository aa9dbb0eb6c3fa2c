"""Experiments through the public door."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

READOUT = "/v1/experiments/readout"
PLAN = "/v1/experiments/plan"


def arm(name: str, *totals: tuple[int, int], **changes: Any) -> dict[str, Any]:  # noqa: ANN401  # fields of the body
    looks = [{"visitors": visitors, "conversions": conversions} for visitors, conversions in totals]
    return {"name": name, "looks": looks, **changes}


def experiment(**changes: Any) -> dict[str, Any]:  # noqa: ANN401  # fields of the body
    return {"arms": [arm("old", (10_000, 500)), arm("new", (10_000, 700))], **changes}


async def test_a_readout_says_what_to_do_and_how_sure_it_is(analytics: httpx.AsyncClient) -> None:
    answer = await analytics.post(READOUT, json=experiment())
    assert answer.status_code == 200, answer.text
    body = answer.json()
    assert body["verdict"] == "ship"
    (new,) = body["treatments"]
    assert (new["conversion"]["control"], new["conversion"]["treatment"]) == (0.05, 0.07)
    assert 0 < new["conversion"]["lift_low"] < new["conversion"]["lift"] < new["conversion"]["lift_high"]
    assert new["revenue_per_visitor"] is None
    assert body["split"]["chance_always"] > body["split"]["invalid_below"]
    assert body["provenance"]["method"] == {"name": "experiments-mixture-sprt", "version": "1"}
    assert len(body["provenance"]["digest"]) == 64


async def test_the_same_request_has_the_same_digest_and_another_one_has_another(analytics: httpx.AsyncClient) -> None:
    digests = [
        (await analytics.post(READOUT, json=body)).json()["provenance"]["digest"]
        for body in (experiment(), experiment(alpha=0.05), experiment(alpha=0.04))
    ]
    assert digests[0] == digests[1] != digests[2]


async def test_revenue_is_compared_by_its_mean_and_deviation(analytics: httpx.AsyncClient) -> None:
    def paid(name: str, revenue: float, deviation: float) -> dict[str, Any]:
        look = {"visitors": 20_000, "conversions": 1_000, "revenue_minor": revenue}
        return {"name": name, "looks": [{**look, "revenue_deviation_minor": deviation}]}

    arms = [paid("old", 5_000_000, 1_200), paid("new", 8_000_000, 1_700)]
    body = (await analytics.post(READOUT, json={"arms": arms, "primary": "revenue_per_visitor"})).json()
    assert body["verdict"] == "ship"
    assert body["treatments"][0]["revenue_per_visitor"]["difference"] == pytest.approx(150.0)


async def test_several_looks_are_read_as_one_experiment(analytics: httpx.AsyncClient) -> None:
    arms = [arm("old", (10_000, 500), (20_000, 1_000)), arm("new", (10_000, 700), (20_000, 1_020))]
    body = (await analytics.post(READOUT, json={"arms": arms})).json()
    assert body["verdict"] == "ship"
    assert body["treatments"][0]["conversion"]["lift_low"] < 0


async def test_bounds_that_are_not_known_are_missing(analytics: httpx.AsyncClient) -> None:
    body = (await analytics.post(READOUT, json={"arms": [arm("old", (0, 0)), arm("new", (0, 0))]})).json()
    bounds = body["treatments"][0]["conversion"]
    assert body["verdict"] == "go_on"
    assert [bounds[name] for name in ("low", "high", "lift", "lift_low", "lift_high")] == [None] * 5
    assert bounds["enough"] is False


async def test_a_plan_says_how_many_and_how_long(analytics: httpx.AsyncClient) -> None:
    asked = {"baseline": 0.05, "minimal_lift": 0.1, "visitors_per_day": 4_000}
    body = (await analytics.post(PLAN, json=asked)).json()
    assert body["visitors_per_arm"] > body["visitors_per_arm_one_look"] > 30_000
    assert body["days"] == -(-body["visitors_per_arm"] * 2 // 4_000)
    assert body["minimal_difference"] == pytest.approx(0.005)


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        (READOUT, {"arms": [arm("old", (10, 1))]}, "body.arms"),
        (READOUT, {"arms": [arm("old", (10, 1))] * 2}, "body.arms"),
        (READOUT, {"arms": [arm("old", (10, 1)), arm("new", (10, 11))]}, "body.arms.1.looks.0.conversions"),
        (READOUT, {"arms": [arm("old", (10, 1)), arm("new", (-1, 0))]}, "body.arms.1.looks.0.visitors"),
        (READOUT, {"arms": [arm("old", (10, 1)), arm("new", (10, 1), (20, 2))]}, "body.arms.1.looks"),
        (READOUT, {"arms": [arm("old", (20, 1), (10, 1)), arm("new", (1, 1), (2, 2))]}, "body.arms.0.looks.1.visitors"),
        (READOUT, experiment(primary="revenue_per_visitor"), "body.primary"),
        (READOUT, experiment(primary="luck"), "body.primary"),
        (READOUT, experiment(alpha=0), "body.alpha"),
        (READOUT, experiment(colour="red"), "body.colour"),
        (
            READOUT,
            {
                "arms": [
                    arm("old", (10, 1)),
                    {**arm("new"), "looks": [{"visitors": 9, "conversions": 1, "revenue_minor": 5}]},
                ]
            },
            "body.arms.1.looks.0.revenue_deviation_minor",
        ),
        (PLAN, {"baseline": 1.0, "minimal_lift": 0.1}, "body.baseline"),
        (PLAN, {"baseline": 0.6, "minimal_lift": 0.9}, "body.minimal_lift"),
        (PLAN, {"baseline": 0.6, "minimal_lift": 0.1, "power": 1}, "body.power"),
    ],
)
async def test_what_cannot_be_is_refused_with_its_field(
    analytics: httpx.AsyncClient, path: str, body: dict[str, Any], field: str
) -> None:
    answer = await analytics.post(path, json=body)
    assert (answer.status_code, answer.json()["field"]) == (422, field)


async def test_numbers_beyond_measure_are_no_server_error(analytics: httpx.AsyncClient) -> None:
    huge = {"visitors": 2**53, "conversions": 2**53, "revenue_minor": 1e15, "revenue_deviation_minor": 1e12}
    body = {
        "arms": [{"name": "old", "looks": [huge]}, {"name": "new", "looks": [huge]}],
        "primary": "revenue_per_visitor",
    }
    assert (await analytics.post(READOUT, json=body)).status_code == 200
    plan = {"baseline": 1e-12, "minimal_lift": 1e-12, "visitors_per_day": 1e-9}
    answer = await analytics.post(PLAN, json=plan)
    assert answer.status_code == 422
