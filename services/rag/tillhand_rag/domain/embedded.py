"""What is embedded in the name of a sentence: itself, under what it cannot be understood without."""

from __future__ import annotations

from tillhand_rag.domain.quotables import Quotable, quotables


def sentence_text(context: str, quotable: Quotable) -> str:
    """The text to embed for a sentence of a passage with this context."""
    return "\n".join(filter(None, (context, quotable.heading, quotable.lead, quotable.text)))


def sentence_texts(context: str, passage: str) -> list[str]:
    """The texts of every quotable sentence of a passage."""
    return [sentence_text(context, quotable) for quotable in quotables(passage, context)]
