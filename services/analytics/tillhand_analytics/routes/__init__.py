"""HTTP in and out, no logic."""

from tillhand_analytics.routes import sales, status

ROUTERS = (sales.router, status.router)
