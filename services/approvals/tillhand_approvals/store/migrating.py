"""Brings the tables to the newest version with Alembic, on a connection that is open already."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from tillhand_common.lifecycle import StartupError

MIGRATIONS: Final = Path(__file__).parent / "migrations"
_LOCK: Final = 7_445_501
"""PostgreSQL's advisory lock under which one replica migrates and the others wait."""


def migrate(connection: Connection) -> None:
    """Run what this database lacks, in one transaction. Raises `StartupError` when it is newer than this program."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    with connection.begin():
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK})")
        present = MigrationContext.configure(connection).get_current_revision()
        known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
        if present is not None and present not in known:
            raise StartupError("The database was written by a newer Tillhand: run that one, or restore a backup.")
        if present != max(known):
            command.upgrade(config, "head")
