"""HTTP in and out, no logic."""

from tillhand_dashboard.routes import ask, assets, board, events, probes, signing_in, styleguide

ROUTERS = (
    ask.router,
    assets.router,
    board.router,
    events.router,
    probes.router,
    signing_in.router,
    styleguide.router,
)
