"""A quick look at what is not looked through otherwise, such as logs: addresses, cards and accounts by their form."""

from __future__ import annotations

from typing import Final

from tillhand_approvals.domain.redaction import finding as kinds
from tillhand_approvals.domain.redaction.detecting import resolved
from tillhand_approvals.domain.redaction.formatted import formatted
from tillhand_approvals.domain.redaction.replacing import placeholder

_GUARDED: Final = frozenset({kinds.EMAIL, kinds.CARD, kinds.IBAN, kinds.SSN})
LONGEST: Final = 20_000
"""Characters of a text that is looked through; what is longer is withheld."""


def guard(text: str) -> str:
    """The text without what its form alone gives away."""
    if len(text) > LONGEST:
        return f"[{len(text)} characters withheld]"
    parts, last = [], 0
    for span in resolved(span for span in formatted(text) if span.kind in _GUARDED):
        parts += [text[last : span.start], placeholder(span.kind)]
        last = span.end
    return "".join([*parts, text[last:]]) if parts else text
