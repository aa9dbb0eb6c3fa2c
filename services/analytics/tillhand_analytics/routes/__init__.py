"""HTTP in and out, no logic."""

from tillhand_analytics.routes import seo, status

ROUTERS = (seo.router, status.router)
