"""HTTP in and out, no logic."""

from tillhand_analytics.routes import customers, inventory, sales, status

ROUTERS = (
    customers.router,
    inventory.router,
    sales.router,
    status.router,
)
