"""What is embedded in the name of a passage or a sentence: itself, under what it cannot be understood without."""

from __future__ import annotations

from tillhand_rag.domain.quotables import Quotable, quotables


def passage_text(context: str, passage: str) -> str:
    """The text to embed for a passage: its context (title, headings), a line feed, the passage."""
    return f"{context}\n{passage}" if context else passage


def sentence_text(context: str, quotable: Quotable) -> str:
    """The text to embed for a sentence of a passage with this context."""
    return "\n".join(filter(None, (context, quotable.heading, quotable.lead, quotable.text)))


def embedded_texts(context: str, passage: str) -> list[str]:
    """Everything that may be embedded for a passage: itself, and each sentence that an answer can quote."""
    sentences = [sentence_text(context, quotable) for quotable in quotables(passage, context)]
    return [passage_text(context, passage), *sentences]
