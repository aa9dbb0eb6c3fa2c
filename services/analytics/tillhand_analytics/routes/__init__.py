"""HTTP in and out, no logic."""

from tillhand_analytics.routes import (
    anomalies,
    customers,
    experiments,
    forecasts,
    inventory,
    purchasing,
    sales,
    seo,
    slo,
    status,
)

ROUTERS = (
    anomalies.router,
    customers.router,
    experiments.router,
    forecasts.router,
    inventory.router,
    purchasing.router,
    sales.router,
    seo.router,
    slo.router,
    status.router,
)
