"""Days: of birth where the words beside them say so, and others."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from tillhand_approvals.domain.redaction import finding as kinds
from tillhand_approvals.domain.redaction.finding import Span

_MONTH: Final = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|"
    r"nov(?:ember)?|dec(?:ember)?)"
)
_DAY: Final = r"(?:[0-3]?\d(?:st|nd|rd|th)?)"
_DATE: Final = re.compile(
    r"(?<![\w./-])(?:(?:19|20)\d\d-[01]\d-[0-3]\d(?:[T ][0-2]\d:[0-5]\d(?::[0-5]\d(?:\.\d{1,9})?)?(?:Z|"
    r"[+-]\d\d:?\d\d)?)?|"
    r"[0-3]?\d/[0-3]?\d/(?:19|20)?\d\d|[0-3]?\d-[01]?\d-(?:19|20)\d\d|[0-3]?\d\.[01]?\d\.(?:19|20)\d\d|"
    r"(?:19|20)\d\d/[01]?\d/[0-3]?\d|"
    rf"{_DAY} (?:of )?{_MONTH}\.?,? (?:19|20)\d\d|{_MONTH}\.? {_DAY},? (?:19|20)\d\d)(?![\w/])"
    r"|\b(?:mon|tues|wednes|thurs|fri|satur|sun)day\b",
    re.IGNORECASE,
)
_BIRTH: Final = re.compile(
    r"(?:\bborn\b|birth|\bdob\b|\bd\.o\.b)[^\n]{0,40}$",
    re.IGNORECASE,
)


def dates(text: str) -> Iterator[Span]:
    """Days written out, and names of days."""
    for match in _DATE.finditer(text):
        if any(map(str.isdigit, match.group())):
            born = _BIRTH.search(text, max(0, match.start() - 60), match.start())
            yield Span(kinds.BIRTH if born else kinds.DATE, *match.span(), 0.9)
        else:
            yield Span(kinds.DATE, *match.span(), 0.6)
