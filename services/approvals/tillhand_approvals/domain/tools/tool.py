"""A tool: what it may be called with, how risky that is, whom a call concerns, and how much money it moves."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import jsonpointer

from tillhand_approvals.domain.proposals import Json, Risk
from tillhand_approvals.domain.tools.faults import Fault
from tillhand_approvals.domain.tools.validating import argument_faults

Pointers = str | tuple[str, ...] | None
"""JSON pointers into the arguments; where there are several, the first counts at which something stands."""


@dataclass(frozen=True, slots=True)
class Tool:
    """A tool. `subject`, `amount` and `currency` point into the arguments; amounts are in minor units.

    `cost_of_error` says in a sentence what it costs when a call was wrong, for whoever decides.
    """

    name: str
    version: str
    schema: Json
    risk: Risk
    writes: bool = True
    title: str = ""
    description: str = ""
    subject: Pointers = None
    amount: str | None = None
    currency: str | None = None
    cost_of_error: str = ""

    def faults(self, arguments: Json) -> list[Fault]:
        """What is wrong with these arguments, at most twenty faults; nothing when the schema takes them."""
        return argument_faults(self.schema, arguments)

    def subject_of(self, arguments: Json) -> str | None:
        """Whom the call concerns, as it came; None where nobody is named."""
        for pointer in pointers(self.subject):
            found = at(arguments, pointer)
            if isinstance(found, str | int) and not isinstance(found, bool) and found != "":
                return str(found)
        return None

    def amount_of(self, arguments: Json) -> tuple[int, str | None] | None:
        """The money that the call moves, in minor units, and its currency where that is told."""
        found, currency = at(arguments, self.amount), at(arguments, self.currency)
        if not isinstance(found, int) or isinstance(found, bool):
            return None
        return found, currency if isinstance(currency, str) else None


def pointers(given: Pointers) -> Iterator[str]:
    """Each of them."""
    yield from () if given is None else (given,) if isinstance(given, str) else given


def at(value: Json, pointer: str | None, otherwise: object = None) -> Any:  # noqa: ANN401  # any JSON
    """What stands there; `otherwise` where nothing does."""
    if pointer is None:
        return otherwise
    try:
        found = jsonpointer.resolve_pointer(value, pointer, otherwise)
    except (jsonpointer.JsonPointerException, TypeError):
        return otherwise
    return otherwise if isinstance(found, jsonpointer.EndOfList) else found


def is_pointer(text: object) -> bool:
    """Whether it is a JSON pointer to something within, such as /customer/email."""
    if not isinstance(text, str) or not text.startswith("/"):
        return False
    try:
        jsonpointer.JsonPointer(text)
    except jsonpointer.JsonPointerException:
        return False
    return True
