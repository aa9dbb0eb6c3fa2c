"""From version to version: what was kept opens, what is too new is refused by name, and the runbook tells it all."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory

from tillhand_analytics.app import create_app as analytics
from tillhand_analytics.settings import AnalyticsSettings
from tillhand_analytics.store import database as kept
from tillhand_approvals.store.migrating import MIGRATIONS
from tillhand_common import idempotency_store
from tillhand_common.key_records import Contents
from tillhand_common.keys import KeyStore, store_path
from tillhand_common.lifecycle import StartupError
from tillhand_common.sqlite_schema import schema_of
from tillhand_common.testing import client
from tillhand_dashboard.app import create_app as dashboard
from tillhand_dashboard.domain.accounts import Account
from tillhand_dashboard.settings import DashboardSettings
from tillhand_dashboard.store import database as accounts
from tillhand_dashboard.store.accounts import SqliteAccounts
from tillhand_rag.adapters.embedding import cache_file
from tillhand_rag.domain.backups import SCHEMA_VERSION
from tillhand_rag.store import layout, ledger
from workspace import ROOT

TOO_NEW: Final = 99


def renumber(path: Path, schema: int) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(f"PRAGMA user_version = {schema}")


async def test_accounts_of_an_older_store_are_there_and_a_newer_one_keeps_the_console_from_starting(
    tmp_path: Path,
) -> None:
    settings = DashboardSettings(data_dir=tmp_path)
    with closing(sqlite3.connect(settings.accounts_file)) as connection:
        connection.executescript(accounts.TABLES)  # as a version leaves it that counts no steps
    before = accounts.Database(settings.accounts_file)
    await SqliteAccounts(before).add(
        Account(name="mara", role="operator", created_at=datetime(2026, 11, 1, tzinfo=UTC))
    )
    await before.aclose()
    async with client(dashboard(settings)):
        again = accounts.Database(settings.accounts_file)
        assert [each.name for each in await SqliteAccounts(again).all()] == ["mara"]
        await again.aclose()
    renumber(settings.accounts_file, TOO_NEW)
    with pytest.raises(StartupError, match=r"dashboard\.sqlite was written by a newer Tillhand \(schema 99"):
        async with client(dashboard(settings)):
            pass


async def test_a_newer_store_keeps_analytics_from_starting(tmp_path: Path) -> None:
    settings = AnalyticsSettings(data_dir=tmp_path, mcp_url="http://127.0.0.1:9")
    settings.kept.parent.mkdir(parents=True)
    with closing(sqlite3.connect(settings.kept)) as connection:
        connection.executescript(kept.TABLES)
    async with client(analytics(settings)) as http:
        assert (await http.get("/health")).status_code == 200
    renumber(settings.kept, TOO_NEW)
    with pytest.raises(StartupError, match=r"kept\.sqlite3 was written by a newer Tillhand \(schema 99"):
        async with client(analytics(settings)):
            pass


def test_newer_answers_under_idempotency_keys_are_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "idempotency-rag.sqlite"
    with idempotency_store.IdempotencyStore(path) as store:
        assert store.claim("scope", "key", b"print") is None
    renumber(path, TOO_NEW)
    with pytest.raises(StartupError, match="newer Tillhand"), idempotency_store.IdempotencyStore(path):
        pass
    renumber(path, schema_of(idempotency_store.STEPS))
    with idempotency_store.IdempotencyStore(path) as store:
        known = store.claim("scope", "key", b"print")
        assert known is not None
        assert known.state == "unknown"  # it was running when its process went


async def test_a_newer_key_store_is_refused_and_not_taken_for_an_empty_one(tmp_path: Path) -> None:
    path = store_path(tmp_path)
    KeyStore(path).create("shop-agent", "agent")
    newer = json.loads(path.read_text()) | {"version": TOO_NEW}
    path.write_text(json.dumps(newer))
    with pytest.raises(StartupError, match=r"keys\.json is not a key store of ours"):
        async with client(dashboard(DashboardSettings(data_dir=tmp_path))):
            pass
    assert json.loads(path.read_text()) == newer


def test_the_runbook_names_the_schema_of_each_store() -> None:
    text = (ROOT / "docs" / "runbooks" / "upgrade.md").read_text("utf-8")
    written: Mapping[str, str] = dict(re.findall(r"^\| [^|]+ \| `([^`]+)`[^|]* \| `(\d+)` \|", text, re.MULTILINE))
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("path_separator", "os")
    assert written == {
        "rag/indexes/*/truth.sqlite3": str(SCHEMA_VERSION),
        "rag/layout.json": str(layout.VERSION),
        "rag/ledger.sqlite3": str(ledger.SCHEMA_VERSION),
        "embedding-cache*.sqlite3": str(cache_file.FORMAT),
        "approvals/approvals.sqlite3": str(ScriptDirectory.from_config(config).get_current_head()),
        "dashboard.sqlite": str(schema_of(accounts.STEPS)),
        "analytics/kept.sqlite3": str(schema_of(kept.STEPS)),
        "idempotency-*.sqlite": str(schema_of(idempotency_store.STEPS)),
        "keys.json": str(Contents.model_fields["version"].default),
    }
