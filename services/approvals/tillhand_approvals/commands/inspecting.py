"""What a look at this installation finds of the approvals, for `tillhand doctor`."""

from __future__ import annotations

from collections.abc import Iterator

from tillhand_approvals.settings import ApprovalsSettings
from tillhand_common.settings import SettingInfo, describe, load

Found = tuple[str, str, str, str]
"""Subject; ok, note or missing; detail; remedy."""


def settings() -> list[SettingInfo]:
    """The service's settings, secrets masked. Raises `SettingsError` naming each unusable variable."""
    return describe(load(ApprovalsSettings))


def inspect() -> Iterator[Found]:
    """Where proposals are kept, and whether the keys that open the vault are there."""
    given = load(ApprovalsSettings)
    if given.database_url is not None:
        yield "approvals store", "ok", "PostgreSQL, by TILLHAND_DATABASE_URL", ""
    elif given.folder.exists():
        yield "approvals store", "ok", f"SQLite in {given.folder}", ""
    else:
        yield "approvals store", "note", "none yet", "the first start of the service makes it"
    if given.folder.exists() and not (given.folder / "vault.keys").exists():
        yield "approvals vault", "missing", f"{given.folder} has no vault.keys", "restore it from a backup"
