"""The verification of written sentences on the sample shop: what its documents say passes, other figures do not.

benchmarks/verification.py prints the same for more ways to be wrong, and for sentences in other words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.fakes.embedder import PieceTokenizer
from tillhand_rag.adapters.chunking import Chunker
from tillhand_rag.adapters.goldens import load_goldens
from tillhand_rag.adapters.parsing import FormatParser
from tillhand_rag.domain.figures import figures
from tillhand_rag.domain.generated import Drafted
from tillhand_rag.domain.support import Ground, examine

SAMPLES = Path(__file__).resolve().parents[2] / "samples"
MOST_FALSE = 0.03


@dataclass(frozen=True)
class Stored:
    """A passage that answers golden questions, as a source, and the sentences that do."""

    ground: Ground
    question: str
    sentences: list[str]


def answering() -> Iterator[Stored]:
    """The sentences that golden questions ask for, each in the first passage that holds it."""
    passages = list(_passages())
    for golden in load_goldens(SAMPLES / "goldens.yaml"):
        for text, context in passages:
            if any(flat(quote) in flat(text) for quote in golden.quotes):
                ground = Ground.of(1, text, context)
                facts = [fact.text for fact in ground.facts if not fact.parts]
                held = [text for text in facts if any(flat(quote) in flat(text) for quote in golden.quotes)]
                yield Stored(ground, golden.question, held)
                break


def _passages() -> Iterator[tuple[str, str]]:
    parser = FormatParser(max_bytes=10**7, max_characters=10**6, default_currency="EUR")
    chunker = Chunker(PieceTokenizer(), 256)
    for path in sorted(SAMPLES.rglob("documents/**/*.md")):
        for parsed in parser.parse(path.read_bytes(), filename=path.name, media_type=None):
            for chunk in chunker.split(parsed):
                yield parsed.text[chunk.start : chunk.end], chunk.context


def flat(text: str) -> str:
    return " ".join(text.split())


def passes(stored: Stored, sentence: str) -> bool:
    verdict = examine(Drafted(sentence, " ", (1,)), {1: stored.ground}, stored.question)
    return verdict.supported and not verdict.doubtful


def changed(sentence: str) -> Iterator[str]:
    """The sentence with the first digit of each figure replaced."""
    for figure in figures(sentence):
        if re.match(r"\d", sentence[figure.start :]):
            digit = (int(sentence[figure.start]) + 3) % 9 + 1
            yield f"{sentence[: figure.start]}{digit}{sentence[figure.start + 1 :]}"


def test_what_the_shop_s_documents_say_is_supported_and_other_figures_are_not() -> None:
    shop = list(answering())
    said = [(stored, sentence) for stored in shop for sentence in stored.sentences]
    assert len(said) > 100
    assert [sentence for stored, sentence in said if not passes(stored, sentence)] == []
    false = [(stored, wrong) for stored, sentence in said for wrong in changed(sentence)]
    let_through = [wrong for stored, wrong in false if passes(stored, wrong)]
    assert len(false) > 100
    assert len(let_through) <= MOST_FALSE * len(false), let_through
