"""The same inventory metrics by pandas, polars and duckdb."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from tillhand_analytics.domain.inventory.classes import A_SHARE, B_SHARE
from tillhand_analytics.domain.inventory.worth import DEAD_AFTER_DAYS
from tillhand_analytics.domain.records import Floats, Ints

DAYS: Final = 365
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


def by_pandas(lines: Lines) -> Calculate:
    """With groupby, as pandas' own documentation does it."""
    import pandas as pd  # noqa: PLC0415  # a peer: loaded where it runs

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
    import pyarrow as pa  # noqa: PLC0415  # as above

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
