"""HTTP in and out, no logic."""

from tillhand_analytics.routes import status

ROUTERS = (status.router,)
