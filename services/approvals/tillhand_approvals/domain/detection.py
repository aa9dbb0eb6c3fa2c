"""What formatted texts give away: addresses, numbers of cards, accounts and telephones, checked where they can be."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Final


@dataclass(frozen=True, slots=True)
class Finding:
    """A span of a text, and what kind of thing it is; never the text."""

    kind: str
    start: int
    end: int


def luhn(digits: str) -> bool:
    """Whether the check digit of a card is right (ISO/IEC 7812-1, annex B)."""
    total = 0
    for place, each in enumerate(reversed(digits)):
        value = int(each) * (2 if place % 2 else 1)
        total += value - 9 if value > 9 else value  # noqa: PLR2004  # the sum of its two digits
    return total % 10 == 0


def iban_holds(text: str) -> bool:
    """Whether the check digits of an account's number are right (ISO 13616)."""
    plain = re.sub(r"\s", "", text).upper()
    moved = plain[4:] + plain[:4]
    return int("".join(str(int(each, 36)) for each in moved)) % 97 == 1


def _is_card(text: str) -> bool:
    digits = re.sub(r"\D", "", text)
    return 13 <= len(digits) <= 19 and luhn(digits)  # noqa: PLR2004  # as long as cards' numbers are


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def _is_phone(text: str) -> bool:
    digits = re.sub(r"\D", "", text)
    shaped = text.lstrip().startswith(("+", "(", "0")) or re.search(r"\d[ .()/-]+\d", text) is not None
    dated = re.fullmatch(r"(?:\d{4}[-./]\d{1,2}[-./]\d{1,2}|\d{1,2}[-./]\d{1,2}[-./]\d{4})", text.strip()) is not None
    return 8 <= len(digits) <= 15 and shaped and not dated  # noqa: PLR2004  # ITU-T E.164 has at most fifteen


def _always(text: str) -> bool:  # noqa: ARG001  # as the others
    return True


_KINDS: Final[tuple[tuple[str, re.Pattern[str], Callable[[str], bool]], ...]] = (
    ("EMAIL", re.compile(r"(?<![\w.+-])[\w.+%-]{1,64}@(?:[\w-]{1,63}\.){1,8}[A-Za-z]{2,24}(?![\w-])"), _always),
    ("IBAN", re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?\b"), iban_holds),
    ("CARD", re.compile(r"(?<![\d-])\d(?:[ -]?\d){12,18}(?![\d-])"), _is_card),
    ("ID", re.compile(r"(?<![\d-])(?!000|666|9\d\d)\d{3}-(?!00)\d{2}-(?!0000)\d{4}(?![\d-])"), _always),
    ("IP", re.compile(r"(?<![\d.])(?:\d{1,3}\.){3}\d{1,3}(?![\d.])"), _is_address),
    ("IP", re.compile(r"(?<![\w:])(?:[0-9A-Fa-f]{1,4}:){2,7}[0-9A-Fa-f:]{1,25}(?![\w:])"), _is_address),
    (
        "SECRET",
        re.compile(r"\b(?:th_(?:agent|service|operator)_[0-9a-f_]{20,}|(?:sk|pk|shpat|shpss|whsec)_\w{12,})"),
        _always,
    ),
    ("PHONE", re.compile(r"(?<![\w+-])\+?\(?\d(?:[ ()./-]{0,2}\d){7,14}(?![\w-])"), _is_phone),
)


def detected(text: str) -> list[Finding]:
    """What is found, in order; of two that overlap the one that begins first, or the longer."""
    found = sorted(_found(text), key=lambda each: (each.start, -each.end))
    kept: list[Finding] = []
    for each in found:
        if not kept or each.start >= kept[-1].end:
            kept.append(each)
    return kept


def _found(text: str) -> Iterator[Finding]:
    for kind, pattern, holds in _KINDS:
        for match in pattern.finditer(text):
            if holds(match.group()):
                yield Finding(kind, match.start(), match.end())
