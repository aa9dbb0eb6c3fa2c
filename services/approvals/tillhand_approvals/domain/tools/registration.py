"""What an executor may register, and what becomes of what waits when it registers a new version."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import Final

from tillhand_approvals.domain.canonical import canonical
from tillhand_approvals.domain.proposals import RISKS, Json
from tillhand_approvals.domain.tools.faults import Fault
from tillhand_approvals.domain.tools.schemas import schema_faults
from tillhand_approvals.domain.tools.tool import Tool, is_pointer, pointers

_NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,63}")
_VERSION: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9.+_-]{0,49}")
_LONGEST: Final = {"title": 200, "description": 4_000, "cost_of_error": 500}
MOST_SUBJECTS: Final = 10
_WEIGHTY: Final = frozenset({"risk", "writes", "subject", "amount", "currency"})
"""What policies and people go by, beside the arguments themselves."""


@dataclass(frozen=True, slots=True)
class ToolChange:
    """What a new version of a tool changes; `fields` are those that differ, but for the version itself.

    `riskier` says that its risk rose, or that it writes now. `ask_again` says that the policies may judge a call
    otherwise, so that a proposal that waits has to be put to them anew even though its arguments fit.
    """

    before: str
    after: str
    fields: tuple[str, ...]
    riskier: bool
    ask_again: bool


def tool_change(before: Tool, after: Tool) -> ToolChange | None:
    """What differs; None where nothing does."""
    differing = tuple(each.name for each in fields(Tool) if _differs(before, after, each.name))
    if not differing:
        return None
    riskier = RISKS.index(after.risk) > RISKS.index(before.risk) or (after.writes and not before.writes)
    return ToolChange(
        before=before.version,
        after=after.version,
        fields=tuple(name for name in differing if name != "version"),
        riskier=riskier,
        ask_again=not _WEIGHTY.isdisjoint(differing),
    )


def pending_faults(before: Tool, after: Tool, arguments: Json) -> list[Fault]:
    """Why a proposal that waits for people cannot stay as it is under the tool's new version; nothing where it can.

    Its arguments have to fit the new schema, and nothing that people or policies went by may have changed.
    """
    change = tool_change(before, after)
    if change is None:
        return []
    again = [Fault("", "has to be judged by the policies again: the tool has changed")] if change.ask_again else []
    return [*after.faults(arguments), *again]


def tool_faults(tool: Tool) -> list[Fault]:
    """Why this tool cannot be registered; nothing where it can."""
    return [*_text_faults(tool), *_pointer_faults(tool), *schema_faults(tool.schema)]


def _text_faults(tool: Tool) -> Iterator[Fault]:
    if _NAME.fullmatch(tool.name) is None:
        yield Fault("/name", "must be 1 to 64 lower-case letters, digits and underscores, a letter first")
    if _VERSION.fullmatch(tool.version) is None:
        yield Fault("/version", "must be 1 to 50 letters, digits and . + - _")
    if tool.risk not in RISKS:
        yield Fault("/risk", f"must be one of {', '.join(RISKS)}")
    for name, longest in _LONGEST.items():
        if len(getattr(tool, name)) > longest:
            yield Fault(f"/{name}", f"is longer than {longest} characters")


def _pointer_faults(tool: Tool) -> Iterator[Fault]:
    given = {"subject": tuple(pointers(tool.subject)), "amount": (tool.amount,), "currency": (tool.currency,)}
    for name, each in given.items():
        if not all(pointer is None or is_pointer(pointer) for pointer in each):
            yield Fault(f"/{name}", "is no JSON pointer, such as /customer/email")
    if len(given["subject"]) > MOST_SUBJECTS:
        yield Fault("/subject", f"holds more than {MOST_SUBJECTS} pointers")
    if tool.currency is not None and tool.amount is None:
        yield Fault("/currency", "needs an amount that it is the currency of")


def _differs(before: Tool, after: Tool, name: str) -> bool:
    first, last = getattr(before, name), getattr(after, name)
    if name == "schema":
        return canonical(first) != canonical(last)
    return bool(first != last)
