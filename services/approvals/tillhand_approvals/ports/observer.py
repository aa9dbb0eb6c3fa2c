"""Who counts what happens."""

from __future__ import annotations

from typing import Protocol

from tillhand_approvals.ports.ledger import Counted


class Observer(Protocol):
    """Counts; never fails and never waits."""

    def recorded(self, type_: str) -> None:
        """A record was committed."""
        ...

    def decided(self, verb: str, seconds: float) -> None:
        """A person's decision has settled a proposal, so long after it was made."""
        ...

    def delivered(self, outcome: str) -> None:
        """A message of a webhook was taken, refused or not answered, or has become a dead letter."""
        ...

    def counted(self, counted: Counted) -> None:
        """So many proposals are in each state now."""
        ...

    def examined(self, breaks: int, when: float) -> None:
        """All records were verified, at this Unix time, and so many breaks were found."""
        ...


class Unobserved:
    """Counts nothing."""

    def recorded(self, type_: str) -> None:
        """Nothing."""

    def decided(self, verb: str, seconds: float) -> None:
        """Nothing."""

    def delivered(self, outcome: str) -> None:
        """Nothing."""

    def counted(self, counted: Counted) -> None:
        """Nothing."""

    def examined(self, breaks: int, when: float) -> None:
        """Nothing."""
