"""HTTP in and out, no logic."""

from tillhand_analytics.routes import inventory, status

ROUTERS = (inventory.router, status.router)
