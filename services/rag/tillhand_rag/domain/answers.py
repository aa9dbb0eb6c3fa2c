"""Extractive answers: which sentences of the passages found answer a question, and how sure that is.

The caller embeds what `select_sentences` picks, and hands the vectors to `answer`:

    asked = as_meant(question, passages, embedder.tokenizer.offsets(question))
    candidates = select_sentences(asked, passages)
    vectors = await embedder.embed([asked, *(candidate.embedded_text for candidate in candidates)])
    selection = answer(vectors[0], candidates, vectors[1:])

`selection.confidence` below a threshold means that the sources do not hold the answer. A quote's offsets are those of
the document's canonical text: `canonical[quote.start : quote.end]` is the quote, exactly.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tillhand_rag.domain.belief import belief, confidence, words_alone
from tillhand_rag.domain.cues import Cues, Reading, cues_of
from tillhand_rag.domain.embedded import sentence_text
from tillhand_rag.domain.quotables import Quotable, quotables
from tillhand_rag.domain.spelling import spelled

MAX_PASSAGES = 5
"""Passages that are read for an answer. The answer stands in the first five for 99 % of the questions of XQuAD-en."""
MAX_SENTENCES = 10
"""Sentences that are embedded for a question: what an uncached answer costs. Their words tell the likely ones so well
that eight lose nothing against 24, on XQuAD-en and on the golden questions."""
MAX_QUOTES = 3
THRESHOLD = 0.14
"""Confidence from which an answer is given, unless the settings say another one."""

Vector = NDArray[np.float32]
Vectors = NDArray[np.float32]
Scores = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Passage:
    """A chunk as retrieved. `start` is the offset of `text` in the document's canonical text.

    `context` is what stands before the text where the chunk is embedded: title, heading path.
    """

    chunk_id: int
    document_id: str
    start: int
    text: str
    context: str


@dataclass(frozen=True, slots=True)
class SentenceCandidate:
    """A sentence that may be quoted. All offsets are in the document's canonical text.

    `quote_start` to `quote_end` is what is quoted: the sentence, and what it belongs together with.
    `embedded_text` is no longer than the passage with its context, so that it never exceeds the embedder's limit.
    """

    chunk_id: int
    document_id: str
    start: int
    end: int
    quote_start: int
    quote_end: int
    text: str
    embedded_text: str
    cues: Cues


@dataclass(frozen=True, slots=True)
class Quote:
    """`canonical[start:end]` of the chunk's document. `score` is the sentence's share of belief, 0 to 1."""

    chunk_id: int
    start: int
    end: int
    score: float


@dataclass(frozen=True, slots=True)
class Selection:
    """Quotes, best first, none twice. `confidence` is the probability that the passages answer the question."""

    confidence: float
    quotes: tuple[Quote, ...]


def as_meant(question: str, passages: Sequence[Passage], pieces: Sequence[tuple[int, int]]) -> str:
    """The question without slips of the pen, as far as the passages tell; `pieces` are its tokens' spans."""
    return spelled(question, [f"{passage.context}\n{passage.text}" for passage in passages[:MAX_PASSAGES]], pieces)


def select_sentences(question: str, passages: Sequence[Passage]) -> list[SentenceCandidate]:
    """The sentences worth embedding for this question, at most `MAX_SENTENCES`; `passages` come best first."""
    read = [
        (passage, quotable)
        for passage in passages[:MAX_PASSAGES]
        for quotable in quotables(passage.text, passage.context)
    ]
    rank = {passage.chunk_id: place for place, passage in enumerate(passages)}
    readings = [
        Reading(
            quotable.text,
            quotable.before,
            f"{passage.context}\n{quotable.heading}",
            rank[passage.chunk_id],
            quotable.step,
            quotable.first,
            quotable.lone,
        )
        for passage, quotable in read
    ]
    candidates: dict[tuple[str, str], SentenceCandidate] = {}
    for (passage, quotable), cues in zip(read, cues_of(question, readings), strict=True):
        candidate = _candidate(passage, quotable, cues)
        candidates.setdefault((candidate.document_id, candidate.text), candidate)
    likely = sorted(candidates.values(), key=lambda candidate: -words_alone(candidate.cues))[:MAX_SENTENCES]
    return sorted(likely, key=lambda candidate: (candidate.cues.rank, candidate.start))


def _candidate(passage: Passage, quotable: Quotable, cues: Cues) -> SentenceCandidate:
    return SentenceCandidate(
        chunk_id=passage.chunk_id,
        document_id=passage.document_id,
        start=passage.start + quotable.start,
        end=passage.start + quotable.end,
        quote_start=passage.start + (quotable.steps_start if cues.step else quotable.quote_start),
        quote_end=passage.start + (quotable.steps_end if cues.step else quotable.quote_end),
        text=quotable.text,
        embedded_text=sentence_text(passage.context, quotable),
        cues=cues,
    )


def answer(question_vector: Vector, candidates: Sequence[SentenceCandidate], sentence_vectors: Vectors) -> Selection:
    """The quotes that answer best, and how sure it is that they do.

    Takes unit vectors: of the question, shape (dimension,), and of each candidate's `embedded_text`, in order, shape
    (candidates, dimension). Raises `ValueError` when candidates and vectors differ in number.
    """
    if len(candidates) != len(sentence_vectors):
        raise ValueError(f"{len(candidates)} candidates have {len(sentence_vectors)} vectors")
    if not candidates:
        return Selection(0.0, ())
    cosines = np.asarray(sentence_vectors @ question_vector, dtype=np.float64)
    logits = np.array([belief(candidate.cues, cosine) for candidate, cosine in zip(candidates, cosines, strict=True)])
    shares = np.exp(logits - logits.max())
    shares /= shares.sum()
    order = np.argsort(-logits, kind="stable")
    sure = confidence(candidates[order[0]].cues, cosine=float(cosines[order[0]]))
    return Selection(sure, tuple(_quotes(candidates, shares, order)))


def _quotes(candidates: Sequence[SentenceCandidate], shares: Scores, order: NDArray[np.intp]) -> Iterator[Quote]:
    """The best candidates' quotes, without words that a better one has already said."""
    chosen: list[SentenceCandidate] = []
    for candidate, share in ((candidates[place], float(shares[place])) for place in order):
        if len(chosen) == MAX_QUOTES:
            return
        if not any(_repeats(candidate, better) for better in chosen):
            chosen.append(candidate)
            yield Quote(candidate.chunk_id, candidate.quote_start, candidate.quote_end, share)


def _repeats(candidate: SentenceCandidate, better: SentenceCandidate) -> bool:
    same_document = candidate.document_id == better.document_id
    overlaps = candidate.quote_start < better.quote_end and better.quote_start < candidate.quote_end
    return (same_document and overlaps) or candidate.text == better.text


def check_citation(text: str, start: int, end: int, quote: str) -> bool:
    """Whether the quote is exactly what stands there in the document's canonical text."""
    return 0 <= start < end <= len(text) and text[start:end] == quote
