"""Suspicious spans of a text: fixed phrases, hidden carriers, and requests that a linear model takes for foreign."""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence

from tillhand_rag.domain.injection.carriers import carried, invisible
from tillhand_rag.domain.injection.evidence import Request, requests
from tillhand_rag.domain.injection.phrases import phrases
from tillhand_rag.domain.injection.suspicion import SuspicionKind, SuspiciousSpan, merged
from tillhand_rag.domain.injection.weights import WEIGHTS
from tillhand_rag.domain.sentences import Sentence, split_sentences

THRESHOLD = 0.5
"""Score from which a request is suspicious."""


def suspicious_spans(text: str, context: str = "", *, threshold: float = THRESHOLD) -> Sequence[SuspiciousSpan]:
    """The spans of a passage that read like instructions to a language model, in order; of one kind none overlap.

    `context` is more of the passage's own document (title, headings): what shares its words is less foreign. Spans are
    whole sentences, except for what is hidden or encoded. The work grows linearly with the text.
    """
    found = [*invisible(text), *_sentences_of(text, phrases(text)), *_foreign(text, context, threshold)]
    found += [
        SuspiciousSpan(each.start, each.end, each.kind, 1.0)
        for each in carried(text)
        if phrases(each.words) or any(score(request) >= threshold for request in requests(each.words, lone=True))
    ]
    return merged(found)


def score(request: Request) -> float:
    """How sure the model is that the request is meant for a language model: from 0 to 1, 0.5 at the threshold."""
    weights = WEIGHTS[request.form]
    logit = sum(weights.get(name, 0.0) * value for name, value in request.evidence.items())
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, logit))))


_KINDS: dict[str, SuspicionKind] = {"reply": "reply", "code": "code", "question": "task", "task": "task"}


def _foreign(text: str, context: str, threshold: float) -> Iterator[SuspiciousSpan]:
    for request in requests(text, context):
        sure = score(request)
        if sure >= threshold:
            yield SuspiciousSpan(request.start, request.end, _KINDS[request.form], sure)


def _sentences_of(text: str, spans: Sequence[SuspiciousSpan]) -> Iterator[SuspiciousSpan]:
    """The spans, grown to the sentences that they lie in."""
    if not spans:
        return
    sentences: list[Sentence] = split_sentences(text)
    starts, ends = [each.start for each in sentences], [each.end for each in sentences]
    for span in spans:
        first = bisect_right(ends, span.start)
        last = bisect_left(starts, span.end) - 1
        start = min(span.start, starts[first]) if first < len(starts) else span.start
        end = max(span.end, ends[last]) if last >= 0 else span.end
        yield SuspiciousSpan(start, end, span.kind, span.score)
