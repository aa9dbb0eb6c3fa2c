"""HTTP in and out, no logic."""

from tillhand_analytics.routes import customers, inventory, purchasing, sales, seo, status

ROUTERS = (
    customers.router,
    inventory.router,
    purchasing.router,
    sales.router,
    seo.router,
    status.router,
)
