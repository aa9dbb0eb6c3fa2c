"""The pages that the navigation leads to. A page that arrives adds its entry here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from tillhand_dashboard.domain.accounts import Person


@dataclass(frozen=True, slots=True)
class Entry:
    """A page: where it is, what it is called, and the scope without which it shows nothing."""

    path: str
    title: str
    scope: str = ""


PAGES: Final = (
    Entry("/", "Status"),
    Entry("/approvals", "Approvals", "approvals:read"),
    Entry("/ask", "Ask", "rag:read"),
    Entry("/inventory", "Inventory", "analytics:read"),
    Entry("/sales", "Sales", "analytics:read"),
    Entry("/seo", "Search", "analytics:read"),
    Entry("/documents", "Documents", "rag:read"),
    Entry("/connectors", "Connectors", "mcp:call"),
    Entry("/policies", "Policies", "approvals:read"),
    Entry("/audit", "Audit", "audit:read"),
    Entry("/evidence", "Evidence"),
    Entry("/settings", "Settings"),
)


def entries(person: Person | None) -> tuple[Entry, ...]:
    """The pages that somebody may open."""
    if person is None:
        return ()
    return tuple(entry for entry in PAGES if not entry.scope or person.may(entry.scope))


def is_current(entry: Entry, path: str) -> bool:
    """Whether a path belongs to an entry: the page itself, or one below it."""
    return path == entry.path or (entry.path != "/" and path.startswith(f"{entry.path}/"))
