"""HTTP in and out, no logic."""

from tillhand_dashboard.routes import approvals, assets, board, events, probes, proposal, signing_in, styleguide

ROUTERS = (
    approvals.router,
    assets.router,
    board.router,
    events.router,
    probes.router,
    proposal.router,
    signing_in.router,
    styleguide.router,
)
