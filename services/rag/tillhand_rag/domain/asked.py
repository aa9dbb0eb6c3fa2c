"""When two questions are the same for those who read what is asked most."""

from __future__ import annotations

from typing import Final

from tillhand_rag.domain.words import terms

_LONGEST: Final = 400


def question_form(question: str) -> str:
    """The telling words of a question, stemmed, each once, in alphabetical order: alike for like questions."""
    return " ".join(sorted(terms(question)))[:_LONGEST]
