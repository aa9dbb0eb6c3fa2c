"""HTTP in and out, no logic."""

from tillhand_dashboard.routes import (
    assets,
    board,
    events,
    figures,
    inventory,
    probes,
    sales,
    seo,
    signing_in,
    styleguide,
)

ROUTERS = (
    assets.router,
    board.router,
    events.router,
    figures.router,
    inventory.router,
    probes.router,
    sales.router,
    seo.router,
    signing_in.router,
    styleguide.router,
)
