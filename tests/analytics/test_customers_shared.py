"""Data sets whose figures are published: CDNOW, on which the models shine, and UCI, on which they fail and say so."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from tests.fakes.files import SHARED
from tillhand_analytics.commands import evaluate_clv
from tillhand_analytics.commands.cdnow import read_sample, read_summary
from tillhand_analytics.domain.customers.holdout import holdout
from tillhand_analytics.domain.customers.purchases import Purchases, histories, purchases

CDNOW = SHARED / "clv"
UCI = SHARED / "sales/online_retail.parquet"

pytestmark = [
    pytest.mark.shared,
    pytest.mark.skipif(not (CDNOW.is_dir() and UCI.is_file()), reason="the data for development is not there"),
]


def test_the_published_figures_of_cdnow_are_found_to_all_their_digits() -> None:
    report = evaluate_clv(CDNOW)
    ours = {name: round(value, 3) for name, value in report["bgnbd"]["ours"].items()}
    assert (ours["r"], ours["alpha"], ours["a"], ours["b"]) == (0.243, 4.414, 0.793, 2.426)
    assert round(ours["log_likelihood"], 1) == -9582.4
    assert report["bgnbd"]["agrees"]
    money = {name: round(value, 2) for name, value in report["gamma_gamma"]["ours"].items()}
    assert money == {"p": 6.25, "q": 3.74, "v": 15.44}
    assert report["gamma_gamma"]["agrees"]
    assert report["gamma_gamma"]["independent"]
    assert report["bgnbd"]["boundary"] == report["gamma_gamma"]["boundary"] == []


def test_on_cdnow_the_model_beats_the_naive_rate_and_tracks_all_purchases() -> None:
    held = evaluate_clv(CDNOW)["holdout"]
    assert held["preferred"] == "model"
    model, naive = held["purchases"]["model"], held["purchases"]["naive"]
    assert model["mean_absolute_error"] < 0.8 * naive["mean_absolute_error"]
    assert model["root_mean_square_error"] < 0.75 * naive["root_mean_square_error"]
    assert abs(model["bias"]) < 0.15 < naive["bias"]
    for part in ("split_day", "last_day"):
        assert held["tracking"][part]["expected"] == pytest.approx(held["tracking"][part]["came"], rel=0.06)


def test_the_purchases_of_the_sample_make_the_published_summary() -> None:
    summary = read_summary(CDNOW)
    ours = histories(read_sample(CDNOW), np.datetime64("1997-09-30"), unit_days=7)
    assert ours.frequency.tolist() == summary.frequency.tolist()
    assert ours.recency == pytest.approx(summary.recency, abs=0.005)
    assert ours.age == pytest.approx(summary.age, abs=0.005)


def uci(file: Path) -> Purchases:
    rows = pl.read_parquet(file).filter(
        pl.col("CustomerID").is_not_null() & (pl.col("Quantity") > 0) & (pl.col("UnitPrice") > 0)
    )
    day = rows["InvoiceDate"].str.slice(0, 10).str.to_date().to_numpy().astype("datetime64[D]")
    value = (rows["Quantity"] * rows["UnitPrice"] * 100).round().to_numpy()
    return purchases(rows["CustomerID"].cast(pl.Int64).to_numpy(), day, value)


@pytest.mark.parametrize("split", ["2011-06-09", "2011-09-09", "2011-10-09"])
def test_on_uci_the_boundary_says_that_the_model_cannot_be_trusted(split: str) -> None:
    held = holdout(uci(UCI), np.datetime64(split), np.datetime64("2011-12-09"))
    assert any("a is about 0" in reason for reason in held.population.buying.maximum.boundary)
    assert held.preferred == "naive"
    assert not held.value_minor.won
