"""HTTP in and out, no logic."""

from tillhand_analytics.routes import customers, status

ROUTERS = (customers.router, status.router)
