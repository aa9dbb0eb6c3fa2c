"""Inventory metrics beside pandas, polars and duckdb: the same figures from the same order lines, in one run.

    python -m benchmarks.inventory_metrics [--skus 1200] [--large 120000]

For each SKU: velocity over 7, 28 and 90 days, days of cover, its ABC class by revenue, how much its weekly demand
varies (XYZ), its velocity decile, and whether its stock is dead. Lines are drawn from a seed, 49 a SKU and year, skewed
as a shop's are; every column of every peer is compared with ours before times are printed. Times are the best of
several rounds in which all take turns, five runs in a row; the peers are handed the arrays as tables of theirs before
the clock starts. The large shop is ours alone, in a process of its own, for its peak memory; `--peers-on-large` times
the peers on it once.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from tillhand_analytics.domain.inventory.classes import A_SHARE, B_SHARE, abc_of, xyz_of
from tillhand_analytics.domain.inventory.panel import Panel, demand
from tillhand_analytics.domain.inventory.velocity import cover_of, deciles_of, velocity_of
from tillhand_analytics.domain.inventory.worth import DEAD_AFTER_DAYS, idle_of
from tillhand_analytics.domain.records import Floats, Ints

DAYS: Final = 365
LINES: Final = 49
ROUNDS: Final = 12
IN_A_ROW: Final = 5
"""Runs of one before the next has its turn, so that none is judged by the caches that another left."""
Metrics = Mapping[str, Floats]
Calculate = Callable[[], Metrics]


@dataclass(frozen=True, slots=True)
class Lines:
    """Order lines as columns, in the order of time, and what lies there of each SKU."""

    sku: Ints
    day: Ints
    quantity: Ints
    amount: Ints
    on_hand: Ints

    @property
    def skus(self) -> int:
        """How many SKUs there are, with lines or without."""
        return len(self.on_hand)


def drawn(skus: int, seed: int = 7) -> Lines:
    """Lines of a made-up shop: a few SKUs sell every day, most seldom, some never."""
    random = np.random.default_rng(seed)
    popularity = random.lognormal(0, 1.4, skus) * (random.random(skus) > 0.05)
    number = skus * LINES
    sku = random.choice(skus, number, p=popularity / popularity.sum())
    day = np.sort(random.integers(0, DAYS, number))
    quantity = random.geometric(0.6, number)
    price = random.integers(300, 9_000, skus)
    return Lines(sku, day, quantity, quantity * price[sku], random.integers(0, 60, skus))


def ours(lines: Lines) -> Metrics:
    """By the functions that the service calls."""
    number = lines.skus
    units = demand(lines.sku, lines.day, lines.quantity, (number, DAYS))
    everywhere, nothing = np.ones((number, DAYS), np.bool_), np.zeros(number)
    panel = Panel(
        first_day=np.datetime64("2026-01-01"),
        last_day=np.datetime64("2026-12-31"),
        skus=("",) * number,
        suppliers=("",) * number,
        units=units,
        available=everywhere,
        observed_from=DAYS,
        on_sale=everywhere,
        revenue_minor=np.bincount(lines.sku, weights=lines.amount, minlength=number).astype(np.float64),
        returned_units=nothing,
        price_minor=lines.on_hand,
        unit_cost_minor=lines.on_hand,
        on_hand=lines.on_hand.astype(np.float64),
        sellable=nothing,
        incoming=nothing,
        lead_time_days=lines.on_hand,
        for_sale=np.ones(number, np.bool_),
    )
    speed = velocity_of(panel)
    classes = abc_of(panel.revenue_minor)
    return {
        "v7": speed.over(7),
        "v28": speed.over(28),
        "v90": speed.over(90),
        "cover": cover_of(panel.on_hand, speed.current).days,
        "abc": classes.place.astype(np.float64),
        "xyz": xyz_of(panel).variation,
        "decile": deciles_of(speed.over(90)).astype(np.float64),
        "dead": idle_of(panel, speed.current).dead.astype(np.float64),
    }


def by_pandas(lines: Lines) -> Calculate:
    """With groupby, as pandas' own documentation does it."""
    import pandas as pd  # type: ignore[import-untyped]  # no stubs  # noqa: PLC0415  # a peer: loaded where it runs

    frame = pd.DataFrame({"sku": lines.sku, "day": lines.day, "quantity": lines.quantity, "amount": lines.amount})
    stock = pd.DataFrame({"on_hand": lines.on_hand})

    def calculate() -> Metrics:
        table = stock.copy()
        for window in (7, 28, 90):
            sold = frame.loc[frame["day"] >= DAYS - window].groupby("sku")["quantity"].sum()
            table[f"v{window}"] = sold.reindex(table.index, fill_value=0) / window
        table["current"] = table["v28"].where(table["v28"] > 0, table["v90"])
        table["cover"] = (table["on_hand"] / table["current"]).where(table["current"] > 0)
        revenue = frame.groupby("sku")["amount"].sum().reindex(table.index, fill_value=0)
        ordered = revenue.sort_values(ascending=False, kind="stable")
        before, total = ordered.cumsum() - ordered, ordered.sum()
        place = pd.Series(
            np.where(before < A_SHARE * total, 0, np.where(before < B_SHARE * total, 1, 2)), ordered.index
        )
        table["abc"] = place.where(ordered > 0, 2)
        weekly = frame.loc[frame["day"] >= 1].assign(week=lambda rows: (rows["day"] - 1) // 7)
        weekly = weekly.groupby(["sku", "week"])["quantity"].sum()
        sums = pd.DataFrame({"total": weekly, "square": weekly**2}).groupby("sku").sum()
        sums = sums.reindex(table.index, fill_value=0) / 52
        table["xyz"] = np.sqrt((sums["square"] - sums["total"] ** 2).clip(lower=0)) / sums["total"]
        moving = table["v90"][table["v90"] > 0].sort_values(kind="stable")
        table["decile"] = pd.Series(1 + np.arange(len(moving)) * 10 // max(len(moving), 1), moving.index)
        table["decile"] = table["decile"].fillna(0)
        last = frame.groupby("sku")["day"].max().reindex(table.index, fill_value=-1)
        table["dead"] = (table["on_hand"] > 0) & (DAYS - 1 - last >= DEAD_AFTER_DAYS)
        return {name: table[name].to_numpy(np.float64) for name in COLUMNS}

    return calculate


def by_polars(lines: Lines) -> Calculate:
    """In one lazy query per table, so that polars can plan it."""
    import polars as pl  # noqa: PLC0415  # as above

    frame = pl.DataFrame({"sku": lines.sku, "day": lines.day, "quantity": lines.quantity, "amount": lines.amount})
    stock = pl.DataFrame({"sku": np.arange(lines.skus), "on_hand": lines.on_hand})
    day, quantity = pl.col("day"), pl.col("quantity")

    def calculate() -> Metrics:
        sold = (
            frame.lazy()
            .group_by("sku")
            .agg(
                *((quantity * (day >= DAYS - window)).sum().alias(f"v{window}") / window for window in (7, 28, 90)),
                pl.col("amount").sum().alias("revenue"),
                day.max().alias("last"),
            )
        )
        weekly = (
            frame.lazy()
            .filter(day >= 1)
            .group_by("sku", ((day - 1) // 7).alias("week"))
            .agg(quantity.sum().alias("units"))
            .group_by("sku")
            .agg((pl.col("units").sum() / 52).alias("mean"), (pl.col("units").pow(2).sum() / 52).alias("square"))
        )
        table = (
            stock.lazy()
            .join(sold, on="sku", how="left")
            .join(weekly, on="sku", how="left")
            .with_columns(
                pl.col("v7", "v28", "v90", "revenue", "mean", "square").fill_null(0), pl.col("last").fill_null(-1)
            )
        )
        current = pl.when(pl.col("v28") > 0).then(pl.col("v28")).otherwise(pl.col("v90"))
        table = table.with_columns(current.alias("current")).sort("revenue", descending=True, maintain_order=True)
        before, total = pl.col("revenue").cum_sum() - pl.col("revenue"), pl.col("revenue").sum()
        table = table.with_columns(
            pl.when(pl.col("revenue") <= 0)
            .then(2)
            .when(before < A_SHARE * total)
            .then(0)
            .when(before < B_SHARE * total)
            .then(1)
            .otherwise(2)
            .alias("abc"),
        ).sort("v90", "sku")
        moving = pl.col("v90") > 0
        place = moving.cum_sum() - 1
        done = (
            table.with_columns(
                pl.when(pl.col("current") > 0).then(pl.col("on_hand") / pl.col("current")).alias("cover"),
                ((pl.col("square") - pl.col("mean") ** 2).clip(lower_bound=0).sqrt() / pl.col("mean")).alias("xyz"),
                pl.when(moving).then(1 + place * 10 // moving.sum()).otherwise(0).alias("decile"),
                ((pl.col("on_hand") > 0) & (DAYS - 1 - pl.col("last") >= DEAD_AFTER_DAYS)).alias("dead"),
            )
            .sort("sku")
            .collect()
        )
        return {name: done[name].cast(pl.Float64).fill_null(np.nan).to_numpy() for name in COLUMNS}

    return calculate


def by_duckdb(lines: Lines) -> Calculate:
    """In one statement."""
    import duckdb  # noqa: PLC0415  # as above
    import pyarrow as pa  # type: ignore[import-untyped]  # no stubs  # noqa: PLC0415  # as above

    connection = duckdb.connect()
    sold = {"sku": lines.sku, "day": lines.day, "quantity": lines.quantity, "amount": lines.amount}
    connection.register("arrow_lines", pa.table(sold))
    connection.register("arrow_stock", pa.table({"sku": np.arange(lines.skus), "on_hand": lines.on_hand}))
    connection.execute("CREATE TABLE lines AS FROM arrow_lines; CREATE TABLE stock AS FROM arrow_stock")

    def calculate() -> Metrics:
        found = connection.execute(STATEMENT).fetchnumpy()
        return {name: np.ma.filled(np.ma.masked_invalid(found[name].astype(np.float64)), np.nan) for name in COLUMNS}

    return calculate


COLUMNS: Final = ("v7", "v28", "v90", "cover", "abc", "xyz", "decile", "dead")
STATEMENT: Final = f"""
WITH sold AS (
  SELECT sku, sum(quantity) FILTER (day >= {DAYS - 7}) / 7.0 AS v7,
    sum(quantity) FILTER (day >= {DAYS - 28}) / 28.0 AS v28,
    sum(quantity) FILTER (day >= {DAYS - 90}) / 90.0 AS v90, sum(amount) AS revenue, max(day) AS last
  FROM lines GROUP BY sku),
weeks AS (SELECT sku, sum(quantity) AS units FROM lines WHERE day >= 1 GROUP BY sku, (day - 1) // 7),
weekly AS (SELECT sku, sum(units) / 52.0 AS mean, sum(units * units) / 52.0 AS square FROM weeks GROUP BY sku),
joined AS (
  SELECT sku, on_hand, coalesce(v7, 0) AS v7, coalesce(v28, 0) AS v28, coalesce(v90, 0) AS v90,
    coalesce(revenue, 0)::DOUBLE AS revenue, coalesce(last, -1) AS last, mean, square,
    CASE WHEN coalesce(v28, 0) > 0 THEN v28 ELSE coalesce(v90, 0) END AS current
  FROM stock LEFT JOIN sold USING (sku) LEFT JOIN weekly USING (sku)),
ranked AS (
  SELECT *, sum(revenue) OVER (ORDER BY revenue DESC, sku ROWS UNBOUNDED PRECEDING) AS up_to,
    sum(revenue) OVER () AS total, row_number() OVER (PARTITION BY v90 > 0 ORDER BY v90, sku) - 1 AS place,
    count(*) OVER (PARTITION BY v90 > 0) AS moving
  FROM joined)
SELECT v7, v28, v90, CASE WHEN current > 0 THEN on_hand / current END AS cover,
  CASE WHEN revenue <= 0 THEN 2 WHEN up_to - revenue < {A_SHARE} * total THEN 0
    WHEN up_to - revenue < {B_SHARE} * total THEN 1 ELSE 2 END AS abc,
  CASE WHEN mean > 0 THEN sqrt(greatest(square - mean * mean, 0)) / mean END AS xyz,
  CASE WHEN v90 > 0 THEN 1 + place * 10 // moving ELSE 0 END AS decile,
  (on_hand > 0 AND {DAYS - 1} - last >= {DEAD_AFTER_DAYS})::INT AS dead
FROM ranked ORDER BY sku
"""  # noqa: S608  # numbers of this program, nothing from outside
PEERS: Final[Mapping[str, Callable[[Lines], Calculate]]] = {
    "pandas": by_pandas,
    "polars": by_polars,
    "duckdb": by_duckdb,
}


def same(mine: Metrics, theirs: Metrics) -> None:
    """Raise AssertionError naming the column that differs."""
    for name in COLUMNS:
        np.testing.assert_allclose(theirs[name], mine[name], rtol=1e-6, atol=1e-9, err_msg=name)


def timed(calculate: Callable[[], Any]) -> float:
    """Seconds that it takes."""
    began = time.perf_counter()
    calculate()
    return time.perf_counter() - began


def compared(skus: int, rounds: int) -> None:
    """Print times beside one another, after checking that the figures are the same."""
    lines = drawn(skus)
    runs: dict[str, Calculate] = {"ours": lambda: ours(lines)}
    runs |= {name: prepare(lines) for name, prepare in PEERS.items()}
    mine = runs["ours"]()
    for name in PEERS:
        same(mine, runs[name]())
    best = dict.fromkeys(runs, float("inf"))
    for _ in range(rounds):
        for name, calculate in runs.items():
            best[name] = min(best[name], *(timed(calculate) for _ in range(IN_A_ROW)))
    print(f"{skus} SKUs, {len(lines.sku)} lines, {DAYS} days; all figures equal")
    for name, seconds in best.items():
        print(f"  {name:8} {seconds * 1e3:9.1f} ms   {seconds / best['ours']:6.1f} x ours")
    print(f"  the best peer takes {min(best[name] for name in PEERS) / best['ours']:.1f} times as long as ours")


def alone(skus: int) -> None:
    """Print the time and the peak memory of ours, in this process."""
    lines = drawn(skus)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    seconds = min(timed(lambda: ours(lines)) for _ in range(3))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{skus} SKUs, {len(lines.sku)} lines, {DAYS} days, ours alone")
    print(f"  {seconds:.2f} s; peak memory of the process {peak:.0f} MB ({before:.0f} MB while lines were drawn)")


def main() -> None:
    """Run both sizes."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--skus", type=int, default=1_200)
    parser.add_argument("--large", type=int, default=120_000)
    parser.add_argument("--peers-on-large", action="store_true", help="Time the peers on the large shop too.")
    parser.add_argument("--alone", type=int, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.alone:
        alone(given.alone)
        return
    compared(given.skus, ROUNDS)
    subprocess.run([sys.executable, "-m", "benchmarks.inventory_metrics", "--alone", str(given.large)], check=True)
    if given.peers_on_large:
        compared(given.large, 1)


if __name__ == "__main__":
    main()
