"""HTTP in and out, no logic."""

from tillhand_approvals.routes import (
    audit,
    catalogue,
    decisions,
    drafts,
    events,
    executions,
    proposals,
    rules,
    webhooks,
)

ROUTERS = (
    proposals.router,
    drafts.router,
    decisions.router,
    executions.router,
    rules.router,
    catalogue.router,
    events.router,
    audit.router,
    webhooks.router,
)
