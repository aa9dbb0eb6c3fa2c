"""Schemas of small SQLite files: brought forward step by step, and left alone by a version that does not know them.

The first step makes a file, and leaves it with schema 0 (`user_version`); each later one adds 1. Files of schema 0 are
from before steps were counted, too, so the first one must bear being repeated. There is no way back but a backup: an
older version refuses what a newer one has written.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

from tillhand_common.lifecycle import StartupError


def schema_of(steps: Sequence[str]) -> int:
    """Return the schema that these steps lead to."""
    return len(steps) - 1


def bring_forward(connection: sqlite3.Connection, path: Path, steps: Sequence[str]) -> None:
    """Run the steps that a file lacks, all of them or none, however many processes open it at a time.

    A step is a script whose statements end with their line. Raises StartupError for a file of a newer version.
    """
    if _version(connection, path, steps) == schema_of(steps) > 0:
        return
    connection.execute("BEGIN IMMEDIATE")
    try:
        found = _version(connection, path, steps)
        for script in steps[found + 1 :] if found else steps:
            for statement in _statements(script):
                connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {schema_of(steps)}")
    except BaseException:
        connection.rollback()
        raise
    connection.commit()


def refuse_newer(path: Path, steps: Sequence[str]) -> None:
    """Raise StartupError if the file is there and of a newer version; nothing is changed."""
    if not path.exists():
        return
    with closing(sqlite3.connect(path)) as connection:
        try:
            _version(connection, path, steps)
        except sqlite3.DatabaseError as error:
            raise StartupError(f"{path} cannot be read: {error}") from error


def _version(connection: sqlite3.Connection, path: Path, steps: Sequence[str]) -> int:
    found = int(connection.execute("PRAGMA user_version").fetchone()[0])
    if found > schema_of(steps):
        raise StartupError(
            f"{path} was written by a newer Tillhand (schema {found}, this one knows {schema_of(steps)}): run that "
            "one, or restore a backup"
        )
    return found


def _statements(script: str) -> Iterator[str]:
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""
