"""The last look at what is logged: addresses, cards and accounts by their form, in microseconds and without a model."""

from __future__ import annotations

from typing import Final

from tillhand_approvals.domain.redaction import finding as kinds
from tillhand_approvals.domain.redaction.detecting import resolved
from tillhand_approvals.domain.redaction.formatted import formatted
from tillhand_approvals.domain.redaction.replacing import NAMES

_GUARDED: Final = frozenset({kinds.EMAIL, kinds.CARD, kinds.IBAN, kinds.SSN})
LONGEST: Final = 20_000
"""Characters of a text that is looked through; what is longer is withheld."""


def guard(text: str) -> str:
    """The text without what must never be in a log."""
    if len(text) > LONGEST:
        return f"[{len(text)} characters withheld]"
    parts, last = [], 0
    for span in resolved(span for span in formatted(text) if span.kind in _GUARDED):
        parts += [text[last : span.start], f"[{NAMES.get(span.kind, span.kind)}]"]
        last = span.end
    return "".join([*parts, text[last:]]) if parts else text
