"""`tillhand accounts`: who may sign in to the console."""

from __future__ import annotations

from pathlib import Path

from tests.cli.shell import Shell


async def test_accounts_are_made_listed_barred_and_given_links(tmp_path: Path) -> None:
    shell = Shell(tmp_path, "")
    made = await shell.tillhand("accounts", "add", "vera", "--role", "viewer", "--json")
    assert made.code == 0, made.err
    assert made.json["link"].startswith("http://127.0.0.1:3000/sign-in/link/")
    again = await shell.tillhand("accounts", "add", "vera")
    assert again.code != 0
    assert "already" in again.err
    await shell.tillhand("accounts", "disable", "vera")
    [vera] = (await shell.tillhand("accounts", "list", "--json")).json["accounts"]
    assert (vera["name"], vera["role"], vera["state"]) == ("vera", "viewer", "disabled")
    refused = await shell.tillhand("accounts", "reset-link", "vera")
    assert refused.code != 0
    await shell.tillhand("accounts", "disable", "vera", "--undo")
    link = await shell.tillhand("accounts", "reset-link", "vera", TILLHAND_DASHBOARD_PUBLIC_URL="https://c.example")
    assert "https://c.example/sign-in/link/" in link.out
