"""HTTP in and out, no logic."""

from tillhand_mcp.routes import connectors, tools

ROUTERS = (tools.router, connectors.router)
