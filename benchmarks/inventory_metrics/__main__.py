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
from collections.abc import Callable
from typing import Any, Final

import numpy as np

from benchmarks.inventory_metrics.peers import COLUMNS, DAYS, PEERS, Calculate, Lines, Metrics
from tillhand_analytics.domain.inventory.classes import abc_of, xyz_of
from tillhand_analytics.domain.inventory.panel import Panel, demand
from tillhand_analytics.domain.inventory.velocity import cover_of, deciles_of, velocity_of
from tillhand_analytics.domain.inventory.worth import idle_of

LINES: Final = 49
ROUNDS: Final = 12
IN_A_ROW: Final = 5
"""Runs of one before the next has its turn, so that none is judged by the caches that another left."""


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
