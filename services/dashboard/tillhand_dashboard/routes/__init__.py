"""HTTP in and out, no logic."""

from tillhand_dashboard.routes import (
    ask,
    assets,
    board,
    corrections,
    documents,
    events,
    figures,
    goldens,
    inventory,
    probes,
    sales,
    seo,
    signing_in,
    styleguide,
    uploads,
)

ROUTERS = (
    ask.router,
    assets.router,
    board.router,
    corrections.router,
    documents.router,
    events.router,
    figures.router,
    inventory.router,
    goldens.router,
    probes.router,
    sales.router,
    seo.router,
    signing_in.router,
    styleguide.router,
    uploads.router,
)
