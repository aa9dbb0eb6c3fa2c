"""Purchases are taken over from a file, all of them or none."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Final

import pytest

from tillhand_analytics.commands import note_purchases
from tillhand_analytics.ports.keeping import Purchase
from tillhand_analytics.settings import AnalyticsSettings
from tillhand_analytics.store.database import Database
from tillhand_analytics.store.keeping import SqliteKeeper
from tillhand_common.problems import InvalidInput

HEAD: Final = "id,supplier,sku,ordered_on,promised_on,received_on,ordered,received"


def kept(settings: AnalyticsSettings) -> Sequence[Purchase]:
    """All that was taken over."""

    async def read() -> Sequence[Purchase]:
        keeper = SqliteKeeper(Database(settings.kept))
        try:
            return await keeper.purchases("live")
        finally:
            await keeper.aclose()

    return asyncio.run(read())


@pytest.fixture
def settings(tmp_path: Path) -> AnalyticsSettings:
    return AnalyticsSettings(data_dir=tmp_path)


def file_of(folder: Path, *lines: str, head: str = HEAD) -> Path:
    path = folder / "purchases.csv"
    path.write_text("\r\n".join((head, *lines)) + "\r\n", encoding="utf-8-sig")
    return path


def test_rows_are_noted_and_later_ones_replace_them(settings: AnalyticsSettings, tmp_path: Path) -> None:
    sent = file_of(tmp_path, 'P-1,"Jars, Lids & Co",A-1,2026-10-01,2026-10-08,,10,', "P-1,Jars,B-2,2026-10-01,,,5,")
    assert note_purchases(sent, settings) == {"purchases": 1, "rows": 2}
    note_purchases(file_of(tmp_path, "P-1,Jars,A-1,2026-10-01,2026-10-08,2026-10-09,10,8"), settings)
    first, second = kept(settings)
    assert first == Purchase("P-1", "Jars", "A-1", date(2026, 10, 1), date(2026, 10, 8), date(2026, 10, 9), 10, 8)
    assert (second.sku, second.received_on, second.received) == ("B-2", None, 0)


@pytest.mark.parametrize(
    ("line", "named"),
    [
        (",Jars,A-1,2026-10-01,,,1,", "line 3: id"),
        ("P-1,,A-1,2026-10-01,,,1,", "line 3: supplier"),
        ("P-1,Jars,,2026-10-01,,,1,", "line 3: sku"),
        ("P-1,Jars,A-1,,,,1,", "line 3: ordered_on"),
        ("P-1,Jars,A-1,1.10.2026,,,1,", "line 3: ordered_on"),
        ("P-1,Jars,A-1,2026-10-01,2026-09-30,,1,", "line 3: promised_on"),
        ("P-1,Jars,A-1,2026-10-01,,2026-09-30,1,1", "line 3: received_on"),
        ("P-1,Jars,A-1,2026-10-01,,,many,", "line 3: ordered"),
        ("P-1,Jars,A-1,2026-10-01,,,-1,", "line 3: ordered"),
        ("P-1,Jars,A-1,2026-10-01,,2026-10-02,1,", "line 3: received"),
        ("P-1,Jars", "line 3: ordered_on"),
    ],
)
def test_a_row_that_makes_no_sense_is_named_and_nothing_is_kept(
    settings: AnalyticsSettings, tmp_path: Path, line: str, named: str
) -> None:
    with pytest.raises(InvalidInput, match=f"^{named} "):
        note_purchases(file_of(tmp_path, "P-0,Jars,A-1,2026-10-01,,,1,", line), settings)
    assert kept(settings) == []


def test_columns_that_lack_are_named(settings: AnalyticsSettings, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="supplier, received"):
        note_purchases(file_of(tmp_path, head="id,sku,ordered_on,promised_on,received_on,ordered"), settings)


def test_a_file_that_is_none_is_told(settings: AnalyticsSettings, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="cannot be read"):
        note_purchases(tmp_path / "nowhere.csv", settings)
    (tmp_path / "bytes.csv").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InvalidInput, match="no CSV"):
        note_purchases(tmp_path / "bytes.csv", settings)
