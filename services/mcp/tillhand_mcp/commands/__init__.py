"""What the connectors do without being a running service; the command line enters here."""

from tillhand_mcp.commands.connecting import GUIDES, checked, missing
from tillhand_mcp.commands.inspecting import inspect, settings

__all__ = ["GUIDES", "bridge", "checked", "inspect", "missing", "settings"]


async def bridge(url: str, key: str | None) -> None:
    """Speak the protocol over standard input and output, and go on over HTTP to `url`, until the input ends."""
    from tillhand_mcp.commands import bridging  # noqa: PLC0415  # loads the protocol's library, which others do without

    await bridging.bridge(url, key)
