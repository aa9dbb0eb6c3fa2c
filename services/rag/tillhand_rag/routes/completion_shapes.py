"""Answers as an assistant's turn: the text with its marks, and a note for each of them below."""

from __future__ import annotations

from typing import Final

from tillhand_rag.models.completions import ChatUsage, Finish
from tillhand_rag.service.answers import Answered, Cited, FallbackReason

NOT_ANSWERED: Final = "The sources do not hold an answer to this question."
_FALLBACK: Final[dict[FallbackReason, str]] = {
    "not-configured": "No language model is set up; these are quotes from the sources.",
    "unavailable": "The language model could not be asked; these are quotes from the sources.",
    "cut": "The language model broke off; quotes from the sources stand in for the rest.",
    "declined": "The language model found no answer in the sources; these quotes come closest.",
    "unsupported": "What the language model wrote is not in the sources; these are quotes from them.",
}


def content_of(given: Answered) -> str:
    """The whole turn."""
    return (given.text or NOT_ANSWERED) + notes_of(given)


def notes_of(given: Answered) -> str:
    """What stands below the answer: where each mark points, by whom a correction is, what else is to be known."""
    lines = [_note(number, cited) for number, cited in enumerate(given.citations, 1)]
    if given.correction is not None:
        by = f"Answered by {given.correction.author}, last verified {given.correction.last_verified}."
        named = [source.title or source.source or source.url or "" for source in given.correction.sources]
        lines += [by, *(f"- {name}" for name in named if name)]
    told = [_FALLBACK[given.fallback.reason]] if given.fallback else []
    told += [notice.text for notice in given.notices]
    paragraphs = ["\n".join(lines), *told]
    return "".join(f"\n\n{paragraph}" for paragraph in paragraphs if paragraph)


def finish_of(given: Answered) -> Finish:
    """Why the turn ends."""
    return "length" if any(notice.code == "cut-short" for notice in given.notices) else "stop"


def usage_of(given: Answered) -> ChatUsage:
    """The tokens that the language model used; none where it was not asked."""
    prompt = given.usage.prompt_tokens if given.usage else 0
    completion = given.usage.completion_tokens if given.usage else 0
    return ChatUsage(prompt_tokens=prompt, completion_tokens=completion, total_tokens=prompt + completion)


def _note(number: int, cited: Cited) -> str:
    chunk = cited.chunk
    path = [part for part in chunk.heading_path if part != chunk.title]
    place = " > ".join(filter(None, [chunk.title, *path])) or chunk.source
    page = f", page {chunk.page}" if chunk.page else ""
    return f"[{number}] {place} ({chunk.source}{page}): “{' '.join(cited.quote.split())}”"
