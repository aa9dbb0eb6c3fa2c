"""Takes over purchases from a file: what was ordered from suppliers, when it was promised, and when it came."""

from __future__ import annotations

import asyncio
import csv
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any, Final

from tillhand_analytics.ports.keeping import Purchase
from tillhand_analytics.settings import AnalyticsSettings
from tillhand_analytics.store.database import Database
from tillhand_analytics.store.keeping import SqliteKeeper
from tillhand_common.problems import InvalidInput
from tillhand_common.settings import load

COLUMNS: Final = ("id", "supplier", "sku", "ordered_on", "promised_on", "received_on", "ordered", "received")
MOST: Final = 10**9


def note_purchases(path: Path, settings: AnalyticsSettings | None = None) -> dict[str, Any]:
    """Keep the rows of a CSV file for the live shop, in the place of rows with the same id and SKU.

    The first line names the columns of `COLUMNS`; days are ISO dates, `promised_on` and `received_on` may be empty,
    `received` counts as 0 then. Raises `InvalidInput` naming line and column; nothing is kept then.
    """
    settings = settings or load(AnalyticsSettings)
    found = list(_read(path))
    asyncio.run(_keep(settings, found))
    return {"purchases": len({each.id for each in found}), "rows": len(found)}


async def _keep(settings: AnalyticsSettings, found: list[Purchase]) -> None:
    keeper = SqliteKeeper(Database(settings.kept))
    try:
        await keeper.keep_purchases("live", found)
    finally:
        await keeper.aclose()


def _read(path: Path) -> Iterator[Purchase]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            missing = [name for name in COLUMNS if name not in (reader.fieldnames or ())]
            if missing:
                raise InvalidInput(f"line 1: it lacks {', '.join(missing)}.")
            for row in reader:
                yield _purchase(row, reader.line_num)
    except OSError as error:
        raise InvalidInput(f"{path} cannot be read: {error.strerror}.") from error
    except (csv.Error, UnicodeDecodeError) as error:
        raise InvalidInput(f"{path} is no CSV in UTF-8.") from error


def _purchase(row: Mapping[str, str | None], line: int) -> Purchase:
    ordered_on = _day(row, "ordered_on", line)
    if ordered_on is None:
        raise _wrong("ordered_on", line, "is needed")
    received_on = _day(row, "received_on", line, ordered_on)
    received = _units(row, "received", line) if received_on is not None else 0
    return Purchase(
        id=_text(row, "id", line),
        supplier=_text(row, "supplier", line),
        sku=_text(row, "sku", line),
        ordered_on=ordered_on,
        promised_on=_day(row, "promised_on", line, ordered_on),
        received_on=received_on,
        ordered=_units(row, "ordered", line),
        received=received,
    )


def _text(row: Mapping[str, str | None], name: str, line: int) -> str:
    found = (row[name] or "").strip()
    if not found:
        raise _wrong(name, line, "is needed")
    return found


def _day(row: Mapping[str, str | None], name: str, line: int, least: date | None = None) -> date | None:
    told = (row[name] or "").strip()
    if not told:
        return None
    try:
        found = date.fromisoformat(told)
    except ValueError as error:
        raise _wrong(name, line, "is no day such as 2026-10-31") from error
    if least is not None and found < least:
        raise _wrong(name, line, "is before ordered_on")
    return found


def _units(row: Mapping[str, str | None], name: str, line: int) -> int:
    told = (row[name] or "").strip()
    if not (told.isascii() and told.isdigit()) or int(told) > MOST:
        raise _wrong(name, line, "is no number of units")
    return int(told)


def _wrong(name: str, line: int, why: str) -> InvalidInput:
    return InvalidInput(f"line {line}: {name} {why}.")
