"""Tools and policies, as the use cases ask them: what a call may hold, what it concerns, and what is wanted for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from tillhand_approvals.domain.actors import Actor
from tillhand_approvals.domain.policies import Verdict
from tillhand_approvals.domain.proposals import Json, Risk
from tillhand_approvals.domain.tools import Fault
from tillhand_approvals.ports.ledger import Kept


@dataclass(frozen=True, slots=True)
class Call:
    """A tool that is to be called by somebody, with these arguments as they came."""

    tool: Kept
    arguments: Json
    risk: Risk
    requester: Actor
    time: datetime


class Judge(Protocol):
    """Reads tools and policies; pure and quick."""

    def faults(self, tool: Kept, arguments: Json) -> Sequence[Fault]:
        """What is wrong with the arguments, by the tool's schema; nothing when they are as it wants them."""
        ...

    def risk(self, tool: Kept) -> Risk:
        """The risk that the tool's executor gave it."""
        ...

    def subject(self, tool: Kept, arguments: Json) -> str | None:
        """Whom the call concerns, as it came: an address, a number of a customer; None where nobody is named."""
        ...

    def verdict(self, policies: Kept | None, call: Call) -> Verdict:
        """What the policies in force say; without any, those that come with the service."""
        ...
