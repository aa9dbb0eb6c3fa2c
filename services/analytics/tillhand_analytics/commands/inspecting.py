"""What a look at this installation finds of analytics, for `tillhand doctor`."""

from __future__ import annotations

from collections.abc import Iterator

from tillhand_analytics.settings import AnalyticsSettings
from tillhand_common.settings import SettingInfo, describe, load

Found = tuple[str, str, str, str]
"""Subject; ok, note or missing; detail; remedy."""


def settings() -> list[SettingInfo]:
    """The service's settings, secrets masked. Raises `SettingsError` naming each unusable variable."""
    return describe(load(AnalyticsSettings))


def inspect() -> Iterator[Found]:
    """Whether figures are real."""
    given = load(AnalyticsSettings)
    if given.force_mocks:
        yield "data", "note", "mocks are forced", "unset MCP_FORCE_MOCKS"
    elif given.analytics_recorded is not None:
        found = given.analytics_recorded.is_dir()
        yield "data", "note" if found else "missing", "recorded payloads", "" if found else "the folder is not there"
    elif not given.mcp_url:
        yield "data", "note", "the seeded mock shop", "set TILLHAND_MCP_URL, and credentials of the connectors"
    else:
        yield "data", "ok", "through the connectors, which say what is live", ""
