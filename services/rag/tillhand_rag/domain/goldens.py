"""Golden questions: what the knowledge base must answer, from where, and what it must decline."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from statistics import fmean
from typing import Literal

from tillhand_rag.domain.documents import AttributeValue
from tillhand_rag.domain.metrics import answer_in_quote

Asked = tuple["GoldenQuestion", "GivenAnswer"]
Problem = Literal["not answered", "answered without a source", "not in the quotes", "not from the source"]

LAST_QUOTE = 3
"""Quotes that are looked through for a golden question's words."""


@dataclass(frozen=True, slots=True)
class GoldenQuestion:
    """A question with what its answer must quote, any of `quotes`, and from where, any of `sources`.

    `filters` is what the question is asked with, in the wire's form.
    """

    id: str
    question: str
    answerable: bool
    quotes: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    filters: Mapping[str, AttributeValue | Mapping[str, object]] = field(default_factory=dict)
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class GivenQuote:
    """A quote that was given as an answer, and its source: a path or URL; a record of a file as `path#id`."""

    text: str
    source: str


@dataclass(frozen=True, slots=True)
class GivenAnswer:
    """What was answered; quotes best first."""

    answered: bool
    quotes: Sequence[GivenQuote] = ()
    confidence: float = 0.0


@dataclass(frozen=True, slots=True)
class Failure:
    """A golden question that was not answered as it should be, and how."""

    id: str
    question: str
    problem: Problem
    confidence: float
    quotes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one golden question went; `problem` is None where it was answered or declined as it should be."""

    id: str
    question: str
    answerable: bool
    answered: bool
    confidence: float
    problem: Problem | None
    quote: str | None
    source: str | None


@dataclass(frozen=True, slots=True)
class Tally:
    """How golden questions went. Shares are 0 to 1, and 1 where nothing was asked.

    `accuracy`: of all, answered or declined as they should be. `answerable` and `unanswerable`: the same, of each kind.
    `quote_hit@k` and `source_hit`: of the answerable ones, an unanswered one is a miss. `precision`: of those answered,
    the share that can be answered; `answerable` is the recall that belongs to it.
    """

    questions: int
    accuracy: float
    answerable: float
    unanswerable: float
    precision: float
    quote_hit_1: float
    quote_hit_3: float
    source_hit: float

    def as_json(self) -> dict[str, float]:
        """The report's keys."""
        return {name.replace("quote_hit_", "quote_hit@"): value for name, value in asdict(self).items()}


@dataclass(frozen=True, slots=True)
class GoldenReport:
    """The tally of all, and of each tag; what failed, and how each one went, in the questions' order."""

    overall: Tally
    tags: Mapping[str, Tally]
    failures: Sequence[Failure]
    outcomes: Sequence[Outcome] = ()

    @property
    def passed(self) -> int:
        """How many were answered or declined as they should be."""
        return self.overall.questions - len(self.failures)

    def as_json(self) -> dict[str, object]:
        """The report as JSON: the tally's keys at the top."""
        tags = {tag: tally.as_json() for tag, tally in self.tags.items()}
        failures = [asdict(failure) for failure in self.failures]
        return {
            **self.overall.as_json(),
            "tags": tags,
            "failures": failures,
            "outcomes": [asdict(outcome) for outcome in self.outcomes],
        }


async def evaluate_goldens(
    answer: Callable[[GoldenQuestion], Awaitable[GivenAnswer]], goldens: Sequence[GoldenQuestion]
) -> GoldenReport:
    """Ask each golden question and tally the answers. Raises `ValueError` when there is none."""
    if not goldens:
        raise ValueError("there are no golden questions")
    asked = [(golden, await answer(golden)) for golden in goldens]
    tags = sorted({tag for golden in goldens for tag in golden.tags})
    return GoldenReport(
        overall=_tally(asked),
        tags={tag: _tally([pair for pair in asked if tag in pair[0].tags]) for tag in tags},
        failures=[failure for golden, given in asked if (failure := _failure(golden, given)) is not None],
        outcomes=[_outcome(golden, given) for golden, given in asked],
    )


def _tally(asked: Sequence[Asked]) -> Tally:
    answerable = [(golden, given) for golden, given in asked if golden.answerable]
    return Tally(
        questions=len(asked),
        accuracy=_share(given.answered == golden.answerable for golden, given in asked),
        answerable=_share(given.answered for _, given in answerable),
        unanswerable=_share(not given.answered for golden, given in asked if not golden.answerable),
        precision=_share(golden.answerable for golden, given in asked if given.answered),
        quote_hit_1=_share(_quoted(golden, given, 1) for golden, given in answerable),
        quote_hit_3=_share(_quoted(golden, given, LAST_QUOTE) for golden, given in answerable),
        source_hit=_share(_sourced(golden, given) for golden, given in answerable),
    )


def _share(held: Iterable[bool]) -> float:
    values = list(held)
    return fmean(values) if values else 1.0


def _quoted(golden: GoldenQuestion, given: GivenAnswer, k: int) -> bool:
    """Whether one of the first `k` quotes holds what it must; a golden question without quotes asks for any."""
    if not given.answered:
        return False
    return not golden.quotes or answer_in_quote([quote.text for quote in given.quotes], golden.quotes, k)


def _sourced(golden: GoldenQuestion, given: GivenAnswer) -> bool:
    """Whether one of the quotes comes from one of the sources."""
    if not given.answered:
        return False
    return not golden.sources or any(_same(quote.source, wanted) for quote in given.quotes for wanted in golden.sources)


def _same(source: str, wanted: str) -> bool:
    """Whether a source is the wanted one, whatever folder it was ingested from."""
    return source == wanted or source.endswith(f"/{wanted}")


def _failure(golden: GoldenQuestion, given: GivenAnswer) -> Failure | None:
    problem = _problem(golden, given)
    quotes = tuple(quote.text for quote in given.quotes)
    return None if problem is None else Failure(golden.id, golden.question, problem, given.confidence, quotes)


def _outcome(golden: GoldenQuestion, given: GivenAnswer) -> Outcome:
    first = given.quotes[0] if given.quotes else None
    return Outcome(
        id=golden.id,
        question=golden.question,
        answerable=golden.answerable,
        answered=given.answered,
        confidence=given.confidence,
        problem=_problem(golden, given),
        quote=None if first is None else first.text,
        source=None if first is None else first.source,
    )


def _problem(golden: GoldenQuestion, given: GivenAnswer) -> Problem | None:
    if not golden.answerable:
        return "answered without a source" if given.answered else None
    if not given.answered:
        return "not answered"
    if not _quoted(golden, given, LAST_QUOTE):
        return "not in the quotes"
    return None if _sourced(golden, given) else "not from the source"
