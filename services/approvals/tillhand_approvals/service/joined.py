"""All use cases of the running service, as the routes find them in `app.state.approvals`."""

from __future__ import annotations

from dataclasses import dataclass

from tillhand_approvals.service.auditing import Auditing
from tillhand_approvals.service.deciding import Deciding
from tillhand_approvals.service.drafting import Drafting
from tillhand_approvals.service.executing import Executing
from tillhand_approvals.service.feed import Feed
from tillhand_approvals.service.learning import Learning
from tillhand_approvals.service.logins import Logins
from tillhand_approvals.service.notifying import Notifying
from tillhand_approvals.service.proposing import Proposing
from tillhand_approvals.service.reading import Reading
from tillhand_approvals.service.ruling import Ruling
from tillhand_approvals.service.tooling import Tooling


@dataclass(frozen=True, slots=True)
class Approvals:
    """The use cases."""

    proposing: Proposing
    drafting: Drafting
    deciding: Deciding
    executing: Executing
    reading: Reading
    tooling: Tooling
    ruling: Ruling
    auditing: Auditing
    learning: Learning
    logins: Logins
    notifying: Notifying
    feed: Feed
    heartbeat_s: float
