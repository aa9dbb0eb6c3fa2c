"""HTTP in and out, no logic."""

from tillhand_analytics.routes import inventory, sales, status

ROUTERS = (
    inventory.router,
    sales.router,
    status.router,
)
