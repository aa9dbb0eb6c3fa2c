"""The database itself refuses changes to what is append-only."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection


def guard(connection: Connection, tables: Sequence[str]) -> None:
    """Have the database itself refuse changes to what is append-only."""
    statements = _postgres_guards(tables) if connection.dialect.name == "postgresql" else _sqlite_guards(tables)
    for statement in statements:
        connection.exec_driver_sql(statement)


def _sqlite_guards(tables: Sequence[str]) -> list[str]:
    refused = "BEGIN SELECT RAISE(ABORT, '{} is append-only'); END"
    changes = [
        f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} {refused.format(table)}"
        for table in tables
        for verb in ("UPDATE", "DELETE")
    ]
    replacements = [  # INSERT OR REPLACE deletes without a word to the triggers of deletion
        f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} WHEN EXISTS (SELECT 1 FROM {table} "  # noqa: S608  # names of our tables
        f"WHERE tenant = NEW.tenant AND sequence = NEW.sequence) {refused.format(table)}"
        for table in tables
    ]
    return [*changes, *replacements]


def _postgres_guards(tables: Sequence[str]) -> list[str]:
    refuse = (
        "CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$"
    )
    guards = [
        f"CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        for table in tables
    ]
    return [refuse, *guards]
