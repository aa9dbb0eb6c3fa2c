"""Puts placeholders where something personal was found, again and again until nothing more is found."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Collection, Iterator, Sequence
from typing import Final

from tillhand_approvals.domain.redaction.finding import IDENTIFYING, KINDS, Span

NAMES: Final = {
    "EMAIL_ADDRESS": "EMAIL", "PHONE_NUMBER": "PHONE", "CREDIT_CARD": "CARD", "IBAN_CODE": "IBAN", "US_SSN": "SSN",
    "US_DRIVER_LICENSE": "LICENSE", "BANK_ACCOUNT": "ACCOUNT", "IP_ADDRESS": "IP", "MAC_ADDRESS": "MAC",
    "DOMAIN_NAME": "SITE", "DATE_TIME": "DATE",
}  # fmt: skip
"""How kinds are called in placeholders, where that is shorter."""
WITHHELD: Final = "[WITHHELD]"
_HELD: Final = re.compile(
    r"\[(?:"
    + "|".join(sorted({NAMES.get(kind, kind) for kind in KINDS} | {"WITHHELD"}))
    + r")\]|\b(?:customer|user|subject)-[0-9a-f]{12}\b"
)
"""A placeholder or a pseudonym."""
WINDOW: Final = 2_000
"""Characters that are looked at together."""
MARGIN: Final = 250
"""Characters around them that are looked at as well, so that nothing is cut in two."""
_ROUNDS: Final = 12
"""More than are ever needed: each takes out what the one before brought to light."""

Detect = Callable[[str], Sequence[Span]]


def placeholder(kind: str) -> str:
    """What stands in place of a thing of this kind."""
    return f"[{NAMES.get(kind, kind)}]"


def is_held(text: str) -> bool:
    """Whether a value is a placeholder or a pseudonym already."""
    return _HELD.fullmatch(text) is not None


def detected(text: str, detect: Detect, kinds: Collection[str] = IDENTIFYING) -> list[Span]:
    """What is found in a text, in order: what is found is taken out before the next look, until nothing is left."""
    found: list[Span] = []
    for _ in range(_ROUNDS):
        current, moved = _replaced(text, [span for span in found if span.kind in kinds])
        taken = [span for span in found if span.kind in kinds]
        fresh = apart([_back(span, moved) for span in _windowed(current, detect)], taken)
        # What stays in the text may turn out to be something that does not.
        told = [span for span in found if span.kind not in kinds]
        found = sorted([*taken, *fresh, *apart(told, fresh)], key=lambda each: each.start)
        if not any(span.kind in kinds for span in fresh):
            break
    return found


def redacted(text: str, detect: Detect, kinds: Collection[str] = IDENTIFYING) -> tuple[str, list[Span]]:
    """A text with placeholders, and what they stand for; redacting it again changes nothing."""
    found = [span for span in detected(text, detect, kinds) if span.kind in kinds]
    return _replaced(text, found)[0], found


def _replaced(text: str, spans: Sequence[Span]) -> tuple[str, list[tuple[int, int]]]:
    """The text with placeholders, and for each the place after it there and by how much it moved."""
    parts: list[str] = []
    moved: list[tuple[int, int]] = []
    last = length = 0
    for span in spans:
        before, held = text[last : span.start], placeholder(span.kind)
        parts += [before, held]
        length += len(before) + len(held)
        last = span.end
        moved.append((length, last - length))
    return "".join([*parts, text[last:]]), moved


def _back(span: Span, moved: Sequence[tuple[int, int]]) -> Span:
    """The span where it is in the text as it came."""
    at = bisect_right(moved, span.start, key=lambda each: each[0])
    shift = moved[at - 1][1] if at else 0
    return Span(span.kind, span.start + shift, span.end + shift, span.score)


def apart(spans: Sequence[Span], others: Sequence[Span]) -> list[Span]:
    """Those spans that overlap none of the others, which are in order and apart."""
    kept: list[Span] = []
    for span in spans:
        at = bisect_right(others, span.start, key=lambda each: each.start)
        after = others[at].start if at < len(others) else span.end
        if (not at or others[at - 1].end <= span.start) and after >= span.end:
            kept.append(span)
    return kept


def windows(text: str) -> Iterator[tuple[int, int, int, int]]:
    """Parts of a text to look at, one after the other: from, to, and what of it counts."""
    start = 0
    while start < len(text):
        stop = min(start + WINDOW, len(text))
        if stop < len(text):
            cut = max(text.rfind("\n", start + WINDOW // 2, stop), text.rfind(" ", start + WINDOW // 2, stop))
            stop = cut if cut > 0 else stop
        yield max(0, start - MARGIN), min(len(text), stop + MARGIN), start, stop
        start = stop


def _windowed(text: str, detect: Detect) -> list[Span]:
    held = [Span("", *match.span(), 1.0) for match in _HELD.finditer(text)]
    found: list[Span] = []
    for begin, end, start, stop in windows(text):
        for span in detect(text[begin:end]):
            first, last = max(span.start + begin, found[-1].end if found else 0), span.end + begin
            if first < stop and last > max(start, first):
                found.append(Span(span.kind, first, last, span.score))
    return apart(found, held)
