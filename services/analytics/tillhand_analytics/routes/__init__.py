"""HTTP in and out, no logic."""

from tillhand_analytics.routes import customers, inventory, sales, seo, status

ROUTERS = (
    customers.router,
    inventory.router,
    sales.router,
    seo.router,
    status.router,
)
