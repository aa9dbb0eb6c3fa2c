"""Runs the connectors: `python -m tillhand_mcp`."""

from __future__ import annotations

from tillhand_common.server import serve
from tillhand_mcp.app import create_app
from tillhand_mcp.settings import McpSettings


def main() -> None:
    """Serve until told to stop."""
    serve(create_app, McpSettings)


if __name__ == "__main__":
    main()
