"""What fills the bounded caches that a mixture of requests fills only slowly.

A model keeps a compiled kernel for each shape of a batch, and of some thousand sentences, questions and words it is
remembered how they are to be read.
"""

from __future__ import annotations

import json
from typing import Any

from benchmarks.soak.keeping import LINES
from benchmarks.soak.visitor import Visitor

LENGTHS = (*range(4, 36, 4), *range(40, 80, 8))
"""Tokens that questions and sentences are filled up to."""
LONG_LENGTHS = (*LENGTHS, *range(80, 264, 8))
"""The same of passages."""
QUESTIONS = 1_200
"""More than the questions that anything is remembered of."""
SENTENCES = 40
QUESTIONS_A_DOCUMENT = 4
MOST_TOGETHER = 10
MOST_TOKENS = 1_024
_MARKS = 2
_CONSONANTS = "bdfgklmnprstvz"
_WORDS = "oil bike chain brake light pump wheel lock steel rack price stock order paper water glass".split(" ")


def questions(visitor: Visitor) -> None:
    """Every number of questions of every length, as examples of a correction."""
    name = f"soak-{visitor.number}-0"
    visitor.corrections.add(name)
    for tokens, count in ((tokens, count) for tokens in LENGTHS for count in range(1, MOST_TOGETHER + 1)):
        body = {
            "match": {"type": "meaning", "examples": [_text(visitor, tokens) for _ in range(count)], "threshold": 0.99},
            "answer": "soak",
            "author": "soak",
            "last_verified": "2026-01-01T00:00:00Z",
        }
        visitor.call("warming", "PUT", f"/v1/corrections/{name}", body, expected=(200, 201))


def passages(visitor: Visitor) -> None:
    """Every number of passages of every length, as documents that replace one another."""
    names = [f"soak-{visitor.number}-{slot}" for slot in range(MOST_TOGETHER)]
    visitor.documents.update(names)
    shapes = [(tokens, count) for tokens in LONG_LENGTHS for count in range(1, MOST_TOGETHER + 1)]
    visitor.chance.shuffle(shapes)
    for tokens, count in shapes:
        if tokens * count <= MOST_TOKENS:
            documents = [_document(visitor, name, tokens) for name in names[:count]]
            lines = "\n".join(map(json.dumps, documents)).encode()
            visitor.call("warming", "POST", "/v1/documents", lines, expected=(201,), headers=LINES)


def novelties(visitor: Visitor, questions: int) -> None:
    """Questions that nobody has asked, about sentences that nobody has read, with words that nobody has used."""
    name = f"soak-{visitor.number}-0"
    visitor.documents.add(name)
    for number in range(questions):
        if number % QUESTIONS_A_DOCUMENT == 0:
            part = _coined(visitor)
            text = " ".join(f"The {part} {_coined(visitor)} fits a {_coined(visitor)}." for _ in range(SENTENCES))
            body = {"source": name, "text": text, "media_type": "text/plain"}
            visitor.call("warming", "PUT", f"/v1/documents/{name}", body)
        asked = f"What does the {part} {_coined(visitor)} fit?"
        visitor.call("warming", "POST", "/v1/answers", {"question": asked})
        visitor.call("warming", "POST", "/v1/corrections/match", {"question": asked})
    visitor.answers.clear()  # those from before may have been forgotten meanwhile


def _coined(visitor: Visitor) -> str:
    return "".join(visitor.chance.choice(_CONSONANTS) + visitor.chance.choice("aeiou") for _ in range(3))


def _document(visitor: Visitor, name: str, tokens: int) -> dict[str, Any]:
    return {"id": name, "source": name, "text": _text(visitor, tokens), "media_type": "text/plain"}


def _text(visitor: Visitor, tokens: int) -> str:
    """A text of so many tokens that nobody has sent: each of the words is one, and two mark its ends."""
    return " ".join(visitor.chance.choices(_WORDS, k=tokens - _MARKS))
