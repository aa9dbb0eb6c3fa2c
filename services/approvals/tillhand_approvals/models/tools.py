"""What a new version of a tool changes, as it goes over the wire."""

from __future__ import annotations

from pydantic import Field

from tillhand_approvals.domain.tools import Fault, ToolChange
from tillhand_approvals.models.base import Out


class FaultOut(Out):
    """What is wrong at a place; never what stands there."""

    pointer: str = Field(description="A JSON pointer; empty: the whole.")
    message: str


class ToolChangeOut(Out):
    """What differs between two versions of a tool."""

    before: str
    after: str
    fields: list[str] = Field(description="Which members differ, but for the version itself.")
    riskier: bool = Field(description="Its risk rose, or it writes now.")
    ask_again: bool = Field(description="Policies may judge a call otherwise than before.")


def fault_out(found: Fault) -> FaultOut:
    """A fault as it goes over the wire."""
    return FaultOut(pointer=found.pointer, message=found.message)


def tool_change_out(found: ToolChange) -> ToolChangeOut:
    """A change as it goes over the wire."""
    return ToolChangeOut(
        before=found.before,
        after=found.after,
        fields=list(found.fields),
        riskier=found.riskier,
        ask_again=found.ask_again,
    )
