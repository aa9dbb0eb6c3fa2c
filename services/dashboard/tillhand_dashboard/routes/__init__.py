"""HTTP in and out, no logic."""

from tillhand_dashboard.routes import (
    ask,
    assets,
    board,
    corrections,
    documents,
    events,
    goldens,
    probes,
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
    goldens.router,
    probes.router,
    signing_in.router,
    styleguide.router,
    uploads.router,
)
