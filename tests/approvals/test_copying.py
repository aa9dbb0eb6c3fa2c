"""Approvals that are in PostgreSQL: backed up while they serve, and restored into another database."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.approvals.shop import ARGUMENTS, TOOL
from tests.fakes.postgres import Cluster
from tillhand_approvals.app import create_app
from tillhand_approvals.settings import ApprovalsSettings
from tillhand_cli.backups.catalogue import Places
from tillhand_cli.backups.making import make
from tillhand_cli.backups.restoring import restore, verify
from tillhand_cli.errors import CommandError
from tillhand_common import keys
from tillhand_common.clock import SystemClock
from tillhand_common.lifecycle import StartupError
from tillhand_common.testing import running


class Asking:
    """Asks the approvals with the keys of a data folder."""

    def __init__(self, http: httpx.AsyncClient, folder: Path) -> None:
        self._http = http
        self._folder = folder

    async def __call__(self, who: keys.Kind, method: str, path: str, body: object = None) -> dict[str, Any]:
        headers = {"authorization": f"Bearer {keys.read_token(self._folder, who)}"}
        answer = await self._http.request(method, path, json=body, headers=headers)
        assert answer.is_success, answer.text
        found: dict[str, Any] = answer.json()
        return found


async def test_approvals_in_postgresql_are_copied_as_they_serve_and_fill_an_empty_database(
    postgres: Cluster, tmp_path: Path
) -> None:
    first, second, folder = postgres.new(), postgres.new(), tmp_path / "data"
    keys.bootstrap(folder)
    async with served(folder, first) as http, httpx.AsyncClient(base_url=http, timeout=30) as client:
        ask = Asking(client, folder)
        await ask("service", "PUT", "/v1/executors/mcp/tools", {"tools": [TOOL]})
        made = await ask("agent", "POST", "/v1/proposals", {"tool": TOOL["name"], "arguments": ARGUMENTS})
        record = (await ask("operator", "GET", "/v1/audit"))["items"]
        manifest, path = await asyncio.to_thread(
            make, places(folder), SystemClock(), database_url=first, passphrase=None
        )
    assert manifest.approvals_in == "postgresql"
    assert verify(path, None, tmp_path / "work") == manifest
    folder.rename(tmp_path / "lost")

    def back(into: str | None) -> None:
        restore(places(folder), path, SystemClock(), database_url=into, passphrase=None)

    with pytest.raises(CommandError, match="TILLHAND_DATABASE_URL"):
        await asyncio.to_thread(back, None)
    with pytest.raises(StartupError, match="not empty"):
        await asyncio.to_thread(back, first)
    assert not (folder / "keys.json").exists(), "nothing is in place before all of it is"
    await asyncio.to_thread(back, second)
    async with served(folder, second) as http, httpx.AsyncClient(base_url=http, timeout=30) as client:
        ask = Asking(client, folder)
        assert (await ask("operator", "GET", "/v1/audit"))["items"][: len(record)] == record
        full = await ask("operator", "GET", f"/v1/proposals/{made['id']}?view=full")
        assert full["full"]["arguments"] == ARGUMENTS, "the vault opens"
        assert (await ask("operator", "POST", "/v1/audit/verify", {}))["ok"] is True


def places(folder: Path) -> Places:
    return Places(folder, folder / "keys.json", folder / "actors", folder.parent / "kept")


def served(folder: Path, address: str) -> Any:  # noqa: ANN401  # a context manager
    settings = ApprovalsSettings(data_dir=folder, rate_limit="off", database_url=address)  # type: ignore[arg-type]  # made a secret
    return running(create_app(settings))
