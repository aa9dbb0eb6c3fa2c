"""A table of 120,000 rows and 12 columns as CSV: how soon it begins, how long it takes, and what it holds in memory.

python benchmarks/csv_export.py

The peers write the same table whole in the same run: pandas by `to_csv`, polars by `write_csv`, Python by `csv`; none
of them guards a text. First bytes are also taken through the whole service, from the request to the first part
of the body. Memory is what the process takes more at its peak than before the first chunk, in a process of its own for
each size. Times are the best of five; the first of all, which loads what is loaded once, is printed beside them.
"""

from __future__ import annotations

import argparse
import asyncio
import csv
import io
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from fastapi import APIRouter

from tests.fakes.shops import HeldSources
from tillhand_analytics.adapters.exporting.csv_stream import csv_chunks
from tillhand_analytics.adapters.exporting.frames import frame as frame_of
from tillhand_analytics.adapters.mockshop import columns
from tillhand_analytics.app import create_app
from tillhand_analytics.domain.paging import rows
from tillhand_analytics.domain.provenance import SOURCES, Method
from tillhand_analytics.domain.tables import Column, Table
from tillhand_analytics.models.base import Out
from tillhand_analytics.routes.dependencies import Parts, Reads
from tillhand_analytics.routes.tabling import tabled
from tillhand_analytics.service.figures import Figure, Question
from tillhand_analytics.settings import AnalyticsSettings
from tillhand_mockshop import generator

ROWS = 120_000
SIZES = (30_000, 120_000, 480_000)
TIMES = 5


def made(count: int) -> Table:
    """A table like that of the SKUs: texts, some of which have to be guarded or quoted, numbers with gaps, dates."""
    dice = np.random.default_rng(7)
    titles = [
        f"-{at} % oak" if at % 97 == 0 else f"Oak table, {at}" if at % 5 == 0 else f"Chair {at}" for at in range(count)
    ]
    gaps = dice.random(count) < 0.1
    return Table(
        "skus",
        (
            Column("sku", "text", "", [f"SKU-{at:06d}" for at in range(count)]),
            Column("title", "text", "", titles),
            Column("category", "text", "", [("Chairs", "Tables", "Lamps")[at % 3] for at in range(count)]),
            Column("on_hand", "integer", "", dice.integers(-5, 500, count)),
            Column("stock_value_minor", "integer", "", dice.integers(0, 10**7, count)),
            Column("days_of_cover", "number", "", np.where(gaps, np.nan, dice.lognormal(3, 1, count))),
            Column("units_a_day", "number", "", dice.lognormal(0, 1, count)),
            Column("variation", "number", "", dice.random(count)),
            Column("stock_out_risk", "number", "", dice.random(count)),
            Column("dead", "boolean", "", gaps),
            Column("last_sold", "day", "", np.datetime64("2026-01-01") + dice.integers(0, 300, count)),
            Column(
                "counted_at", "moment", "", np.datetime64("2026-01-01T00:00:00") + dice.integers(0, 3 * 10**7, count)
            ),
        ),
    )


def best(run: Callable[[], float]) -> tuple[float, float]:
    """The first time, and the best of all, in seconds."""
    taken = [run() for _ in range(TIMES)]
    return taken[0], min(taken)


def timed(run: Callable[[], object]) -> float:
    """Seconds."""
    began = time.perf_counter()
    run()
    return time.perf_counter() - began


def first_rows(table: Table) -> float:
    """Seconds to the chunk with the first rows, which is the second: the header comes before it."""

    def begun() -> None:
        stream = csv_chunks(table)
        next(stream)
        next(stream)

    return timed(begun)


def by_csv_module(table: Table) -> None:
    """As a loop over rows would write it."""
    writer = csv.writer(io.StringIO())
    writer.writerows(row.values() for row in rows(table, np.arange(len(table))))


def pandas_frame(table: Table) -> pd.DataFrame:
    """The same table for pandas."""
    return pd.DataFrame({column.name: column.values for column in table.columns})


class Row(Out):
    """What no page of this benchmark shows."""


async def through_the_service(table: Table) -> tuple[float, float]:
    """Seconds from the request to the first part of the body, and to its end: the best of five, the figure known."""
    router = APIRouter(prefix="/v1", dependencies=[Reads])

    @tabled(router, "/skus", row=Row)
    async def skus(parts: Parts) -> Figure[Table]:
        question: Question[Table] = Question("inventory.bench", SOURCES[:1], Method("bench"), lambda _shop: table)
        return await parts.figures.of(question)

    with tempfile.TemporaryDirectory() as folder:
        app = create_app(AnalyticsSettings(data_dir=Path(folder)), sources=HeldSources(columns(generator.shop())))
        app.routes.extend(router.routes)
        async with app.router.lifespan_context(app):
            taken = [await asked(app, "/v1/skus/export.csv") for _ in range(TIMES)]
    return min(first for first, _ in taken), min(whole for _, whole in taken)


async def asked(app: Any, path: str) -> tuple[float, float]:  # noqa: ANN401  # any ASGI application
    """Seconds to the first part of the body and to its end."""
    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "GET", "scheme": "http",
        "path": path, "raw_path": path.encode(), "query_string": b"", "root_path": "",
        "headers": [(b"host", b"127.0.0.1")], "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 8004),
    }  # fmt: skip
    parts: list[float] = []

    async def receive() -> dict[str, object]:
        await asyncio.sleep(3600)
        return {"type": "http.disconnect"}

    async def send(message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start":
            assert message["status"] == 200, message
        elif message.get("body"):
            parts.append(time.perf_counter())

    began = time.perf_counter()
    await app(scope, receive, send)
    return parts[0] - began, parts[-1] - began


def peak(count: int) -> float:
    """MiB that a stream of so many rows takes at its peak, beyond the table itself."""
    told = subprocess.run([sys.executable, __file__, "--peak", str(count)], capture_output=True, text=True, check=True)
    return float(told.stdout)


def measured_peak(count: int) -> float:
    """The same, in this process; Linux only."""
    table = made(count)
    for _ in zip(range(4), csv_chunks(table), strict=False):
        pass
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    before = _status("VmHWM")
    for _ in csv_chunks(table):
        pass
    return (_status("VmHWM") - before) / 1024


def _status(name: str) -> int:
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(f"{name}:"))


def show_times() -> None:
    """Print how long each way takes."""
    table = made(ROWS)
    cold, first = best(lambda: first_rows(table))
    print(f"{ROWS:,} rows x {len(table.columns)} columns, {sum(map(len, csv_chunks(table))) / 1e6:.1f} MB")
    print(f"  first rows                 {first * 1e3:8.1f} ms   (the first time {cold * 1e3:.1f} ms)")
    _, ours = best(lambda: timed(lambda: sum(map(len, csv_chunks(table)))))
    began, whole = asyncio.run(through_the_service(table))
    print(f"  first byte, whole service  {began * 1e3:8.1f} ms")
    print(f"  last byte, whole service   {whole * 1e3:8.1f} ms")
    print(f"  ours, whole                {ours * 1e3:8.1f} ms")
    frame, other = pandas_frame(table), frame_of(table)
    peers: dict[str, Callable[[], object]] = {
        "pandas to_csv": lambda: frame.to_csv(io.StringIO(), index=False, lineterminator="\r\n"),
        "polars write_csv": lambda: other.write_csv(io.BytesIO(), line_terminator="\r\n"),
        "csv module": lambda: by_csv_module(table),
    }
    for name, write in peers.items():
        _, taken = best(lambda write=write: timed(write))  # type: ignore[misc]  # the peer of this turn
        print(f"  {name:26} {taken * 1e3:8.1f} ms   {taken / ours:5.1f} x ours")


def show_memory() -> None:
    """Print what a stream takes, by rows."""
    peaks = {count: peak(count) for count in SIZES}
    for count, taken in peaks.items():
        print(f"  {count:>8,} rows  {taken:6.1f} MiB at its peak, beyond the table")
    more = peaks[SIZES[-1]] - peaks[SIZES[0]]
    print(f"  {SIZES[-1] / SIZES[0]:.0f} x the rows take {more:+.1f} MiB")


def main() -> None:
    """Print times and memory."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--peak", type=int, help=argparse.SUPPRESS)
    asked_for = parser.parse_args()
    if asked_for.peak:
        print(measured_peak(asked_for.peak))
        return
    show_times()
    show_memory()


if __name__ == "__main__":
    main()
