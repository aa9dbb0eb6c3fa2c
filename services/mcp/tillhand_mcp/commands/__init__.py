"""What the connectors do without being a running service; the command line enters here."""

from tillhand_mcp.commands.inspecting import inspect, settings

__all__ = ["inspect", "settings"]
