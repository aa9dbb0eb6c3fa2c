"""What is found: a span of the text, the kind of instruction in it, and how sure that is."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

SuspicionKind = Literal["override", "role", "exfiltration", "reply", "code", "task", "hidden", "encoded"]
"""`override` tells a model to drop its instructions; `role` speaks to it as a model, gives it a part to play or
imitates the marks of a conversation; `exfiltration` asks it for what it should keep, or to send it somewhere; `reply`
says how or what it is to reply; `code` gives it code to write; `task` gives it other work to do. `hidden` stands where
no reader sees it; `encoded` is one of these in base64 or hexadecimal."""


@dataclass(frozen=True, slots=True, order=True)
class SuspiciousSpan:
    """`text[start:end]`, offsets in code points. `score` is 0.5 at the model's threshold, 1 where there is no doubt."""

    start: int
    end: int
    kind: SuspicionKind
    score: float


def merged(spans: Iterable[SuspiciousSpan]) -> list[SuspiciousSpan]:
    """The spans in order, those of one kind that overlap made one. Spans of different kinds may still overlap."""
    last: dict[SuspicionKind, SuspiciousSpan] = {}
    done: list[SuspiciousSpan] = []
    for span in sorted(spans):
        before = last.get(span.kind)
        if before and span.start < before.end:
            end, score = max(before.end, span.end), max(before.score, span.score)
            last[span.kind] = SuspiciousSpan(before.start, end, span.kind, score)
            continue
        if before:
            done.append(before)
        last[span.kind] = span
    return sorted([*done, *last.values()])
