"""HTTP in and out, no logic."""

from tillhand_mcp.routes import connectors, exports, tools

ROUTERS = (tools.router, connectors.router, exports.router)
