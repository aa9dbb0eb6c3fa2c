"""What a look at this installation finds of the connectors, for `tillhand doctor`."""

from __future__ import annotations

from collections.abc import Iterator

from tillhand_common.settings import SettingInfo, describe, load
from tillhand_mcp.settings import McpSettings, access

Found = tuple[str, str, str, str]
"""Subject; ok, note or missing; detail; remedy."""


def settings() -> list[SettingInfo]:
    """The service's settings, secrets masked. Raises `SettingsError` naming each unusable variable."""
    return describe(load(McpSettings))


def inspect() -> Iterator[Found]:
    """Which connectors are live, and which only pretend."""
    given = load(McpSettings)
    if given.smtp_url is None or given.force_mocks:
        yield "messages", "note", "a mailbox that sends nothing", "set TILLHAND_SMTP_URL and TILLHAND_MAIL_FROM"
    else:
        yield "messages", "ok", "a mail server, by TILLHAND_SMTP_URL", ""
    for name, wanted in access.BY_NAME.items():
        found = wanted(given)
        lacking = ", ".join(each.setting for each in found.missing)
        told = {"live": "live", "mock": "a mock answers, and says so", "blocked": "credentials are missing"}[found.mode]
        level = {"live": "ok", "mock": "note", "blocked": "missing"}[found.mode]
        yield name, level, told, f"set {lacking}" if lacking else ""
