"""HTTP in and out, no logic."""

from tillhand_dashboard.routes import ask, assets, board, documents, events, probes, signing_in, styleguide, uploads

ROUTERS = (
    ask.router,
    assets.router,
    board.router,
    documents.router,
    events.router,
    probes.router,
    signing_in.router,
    styleguide.router,
    uploads.router,
)
