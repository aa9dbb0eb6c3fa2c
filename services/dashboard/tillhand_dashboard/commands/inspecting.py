"""What a look at this installation finds of the console, for `tillhand doctor`."""

from __future__ import annotations

from collections.abc import Iterator

from tillhand_common.settings import SettingInfo, describe, load
from tillhand_dashboard.settings import DashboardSettings

Found = tuple[str, str, str, str]
"""Subject; ok, note or missing; detail; remedy."""


def settings() -> list[SettingInfo]:
    """The service's settings, secrets masked. Raises `SettingsError` naming each unusable variable."""
    return describe(load(DashboardSettings))


def inspect() -> Iterator[Found]:
    """Whether the scripts for browsers are there, and whether somebody may sign in."""
    given = load(DashboardSettings)
    if (given.dashboard_browser / "htmx.js").is_file():
        yield "console scripts", "ok", str(given.dashboard_browser), ""
    else:
        yield "console scripts", "missing", f"{given.dashboard_browser} has no htmx.js", "python tools/browser.py"
    if given.accounts_file.exists():
        yield "console accounts", "ok", f"SQLite in {given.accounts_file}", ""
    else:
        yield "console accounts", "note", "none yet", "the first start of the console makes one"
