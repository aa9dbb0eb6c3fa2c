"""Tables as Parquet, with what the columns mean and where the figures come from in the file's own metadata."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from tempfile import SpooledTemporaryFile
from typing import IO, Final

import polars as pl

from tillhand_analytics.adapters.exporting.frames import frame
from tillhand_analytics.domain.tables import Table

FORMAT: Final = f"parquet-1 polars-{pl.__version__}"
"""Changes when the same table would be written in other bytes."""
IN_MEMORY: Final = 8 * 1024 * 1024
CHUNK: Final = 256 * 1024


def parquet_file(table: Table, about: Mapping[str, object]) -> IO[bytes]:
    """The table as a Parquet file, at its beginning; in memory while it is small, on disk from 8 MiB on.

    The key `tillhand` of its metadata holds JSON: `about`, and the description of each column. Moments are UTC.
    """
    columns = {column.name: column.description for column in table.columns}
    said = json.dumps({**about, "table": table.name, "columns": columns}, ensure_ascii=False, sort_keys=True)
    file = SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115  # whoever sends it closes it
    in_utc = frame(table).with_columns(pl.selectors.datetime().dt.replace_time_zone("UTC"))
    in_utc.write_parquet(file, metadata={"tillhand": said})
    file.seek(0)
    return file


def chunks(file: IO[bytes]) -> Iterator[bytes]:
    """What a file holds, a part at a time; it is closed at the end."""
    with file:
        while part := file.read(CHUNK):
            yield part
