"""What a language model is asked: the words of a prompt's version around sources that are fenced in as data.

The fence carries a boundary that is drawn for each request, so that no document can close it and speak from outside.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from tillhand_rag.domain.generated import DECLINED

REQUIRED: Final[Mapping[str, frozenset[str]]] = {
    "system": frozenset(["boundary", "declined"]),
    "user": frozenset(["sources", "open_question", "question", "close_question"]),
}
"""The places that each part of a prompt must have."""
KNOWN: Final = frozenset().union(*REQUIRED.values())

_PLACE: Final = re.compile(r"\{\{(\w+)\}\}")


@dataclass(frozen=True, slots=True)
class Prompt:
    """A version of a prompt: its system message and its user message, with places for what each request brings.

    `digest` is the SHA-256 (hex) of the file that it was read from.
    """

    name: str
    version: int
    digest: str
    system: str
    user: str

    @property
    def label(self) -> str:
        """What an answer calls it: name, version, and the beginning of the digest, since a file can be changed."""
        return f"{self.name}.v{self.version}@{self.digest[:8]}"


@dataclass(frozen=True, slots=True)
class SourceText:
    """A source as the model gets it: what it is called (title, headings), and its text."""

    title: str
    text: str


def places(text: str) -> frozenset[str]:
    """The names of the places in a part of a prompt."""
    return frozenset(_PLACE.findall(text))


def boundary_for(texts: Sequence[str], draw: Callable[[], str]) -> str:
    """A boundary that none of the texts holds; `draw` makes one that cannot be guessed."""
    while True:
        boundary = draw()
        if not any(boundary in text for text in texts):
            return boundary


def rendered(prompt: Prompt, question: str, sources: Sequence[SourceText], boundary: str) -> tuple[str, str]:
    """The system message and the user message. What stands in for a place is never itself looked at for places."""
    values = {
        "boundary": boundary,
        "declined": DECLINED,
        "sources": "\n\n".join(_fenced(number, source, boundary) for number, source in enumerate(sources, 1)),
        "question": question,
        "open_question": f"<<< question {boundary}",
        "close_question": f">>> end of question {boundary}",
    }
    system, user = (_PLACE.sub(lambda place: values[place[1]], part) for part in (prompt.system, prompt.user))
    return system, user


def _fenced(number: int, source: SourceText, boundary: str) -> str:
    lines = (f"<<< source [{number}] {boundary}", source.title, source.text, f">>> end of source [{number}] {boundary}")
    return "\n".join(line for line in lines if line)
