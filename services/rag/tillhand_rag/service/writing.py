"""Answers written by a language model: asked with fenced sources, and sent on sentence by sentence once verified."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections import Counter
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Final, Literal

from tillhand_common import context
from tillhand_rag.domain.generated import Drafted, Splitter
from tillhand_rag.domain.prompts import Prompt, boundary_for, rendered
from tillhand_rag.errors import ChatUnavailable
from tillhand_rag.ports.chat import ChatMessage, ChatModel, ChatPiece, ChatUsage
from tillhand_rag.service.answers import Cited, FallbackReason, Notice, Said, Unsupported
from tillhand_rag.service.grounding import Sources

MARGIN_S: Final = 1.0
"""What is left of a request's time for the quotes, when the model takes all of the rest."""

HOPELESS: Final = 12
"""Sentences in a row, repetitions included, of which none holds: a model that goes on like this is not waited for."""

Ended = Literal["stop", "length", "cut", "unavailable"]


@dataclass(frozen=True, slots=True)
class WritingOptions:
    """How answers are written: from so many sources, in so many tokens and seconds; what becomes of the unsupported."""

    sources: int = 6
    max_tokens: int = 512
    timeout_s: float = 60.0
    unsupported: Unsupported = "withhold"


@dataclass(frozen=True, slots=True)
class Writing:
    """A language model and the prompt that it is asked with."""

    chat: ChatModel
    prompt: Prompt
    options: WritingOptions = WritingOptions()

    def begin(
        self,
        question: str,
        sources: Sources,
        collection: str,
        *,
        max_tokens: int | None,
        unsupported: Unsupported | None,
    ) -> Manuscript:
        """An answer that has yet to be written."""
        texts = sources.texts
        held = [question, *(part for source in texts for part in (source.title, source.text))]
        boundary = boundary_for(held, lambda: secrets.token_hex(8))
        system, user = rendered(self.prompt, question, texts, boundary)
        messages = (ChatMessage("system", system), ChatMessage("user", user))
        return Manuscript(
            self.chat,
            messages,
            sources,
            collection,
            max_tokens=min(max_tokens or self.options.max_tokens, self.options.max_tokens),
            timeout_s=self.options.timeout_s,
            unsupported=unsupported or self.options.unsupported,
        )


class Manuscript:
    """One answer on its way. `sentences` writes it; everything else tells how that went."""

    def __init__(
        self,
        chat: ChatModel,
        messages: Sequence[ChatMessage],
        sources: Sources,
        collection: str,
        *,
        max_tokens: int,
        timeout_s: float,
        unsupported: Unsupported,
    ) -> None:
        self._chat = chat
        self._messages = messages
        self._sources = sources
        self._collection = collection
        self._max_tokens = max_tokens
        self._timeout_s = timeout_s
        self._unsupported = unsupported
        self._begun = False
        self._declined = False
        self._in_vain = 0
        self._written: set[str] = set()
        self._retry_after_s: float | None = None
        self.ended: Ended = "cut"
        self.said: list[Said] = []
        self.citations: list[Cited] = []
        self.verdicts: Counter[str] = Counter()
        self.usage: ChatUsage | None = None

    async def sentences(self) -> AsyncGenerator[Said, None]:
        """The sentences that may be sent, as they come. Raises `StoreUnavailable`; a failing model only ends it."""
        splitter = Splitter()
        async with aclosing(self._pieces()) as pieces:
            async for piece in pieces:
                for sentence in splitter.feed(piece.text):
                    if said := await self._checked(sentence):
                        yield said
                if self._in_vain >= HOPELESS:
                    self.ended = "stop"
                    return
        for sentence in splitter.finish(whole=self.ended == "stop"):
            if said := await self._checked(sentence):
                yield said

    @property
    def fallback(self) -> FallbackReason | None:
        """Why quotes have to stand in, for all of the answer or for the rest of it; None where nothing is missing."""
        if self.ended in {"unavailable", "cut"}:
            return "unavailable" if self.ended == "unavailable" else "cut"
        if any(said.supported for said in self.said):
            return None
        if self.ended == "length":
            return "cut"
        return "declined" if self._declined and not self._lacking else "unsupported"

    @property
    def _lacking(self) -> int:
        """How many sentences the sources do not bear out."""
        return self.verdicts.total() - self.verdicts["supported"]

    @property
    def retry_after_s(self) -> float | None:
        """When the model may be asked again, where it said so."""
        return self._retry_after_s

    @property
    def notices(self) -> list[Notice]:
        """What a reader should know of how it was written."""
        notices = []
        if self._lacking:
            many = f"{self._lacking} sentences" if self._lacking > 1 else "One sentence"
            if self._unsupported == "mark":
                notices.append(Notice("sentences-marked", f"{many} of the language model: not found in the sources."))
            else:
                text = f"{many} of the language model left out: not found in the sources."
                notices.append(Notice("sentences-withheld", text))
        if self._sources.flagged:
            text = "Instructions to language models stood in the sources; the model did not get to read them."
            notices.append(Notice("instructions-left-out", text))
        if self.ended == "length":
            notices.append(Notice("cut-short", "The answer reached the most tokens that it may take."))
        return notices

    def quote(self, cited: Cited) -> Said:
        """The manuscript goes on with a quote: itself a sentence, set apart."""
        return self._appended(cited.quote, "\n\n", [cited])

    async def _pieces(self) -> AsyncGenerator[ChatPiece, None]:
        """The model's pieces until it ends, breaks off, or its time is up."""
        until = self._until()
        try:
            async with aclosing(self._chat.stream(self._messages, max_tokens=self._max_tokens)) as stream:
                while (piece := await _next(stream, until)) is not None:
                    self._begun = self._begun or bool(piece.text)
                    self.usage = piece.usage or self.usage
                    if piece.finish is not None:
                        self.ended = _ended(piece.finish)
                    yield piece
        except (ChatUnavailable, TimeoutError) as problem:
            self.ended = "cut" if self._begun else "unavailable"
            self._retry_after_s = problem.retry_after_s if isinstance(problem, ChatUnavailable) else None

    def _until(self) -> float:
        """The moment, of the event loop's clock, until which the model has time."""
        now, deadline = time.monotonic(), context.deadline()
        left = self._timeout_s if deadline is None else min(self._timeout_s, deadline - now - MARGIN_S)
        return asyncio.get_running_loop().time() + max(0.0, left)

    async def _checked(self, sentence: Drafted) -> Said | None:
        """The sentence as it may be sent; None for one that is withheld, or says nothing."""
        words = " ".join(sentence.text.split()).casefold()
        self._in_vain += 1
        if sentence.declines or sentence.connective or words in self._written:
            self._declined = self._declined or sentence.declines
            return None
        self._written.add(words)
        verdict, quotes = await self._sources.judge(sentence, self._collection)
        self.verdicts[verdict.reason] += 1
        if not verdict.supported and self._unsupported == "withhold":
            return None
        self._in_vain = 0 if verdict.supported else self._in_vain
        return self._appended(sentence.text, sentence.gap, quotes, supported=verdict.supported)

    def _appended(self, text: str, gap: str, quotes: Sequence[Cited], *, supported: bool = True) -> Said:
        known = len(self.citations)
        numbers = tuple(dict.fromkeys(self._number(cited) for cited in quotes))
        markers = "".join(f"[{number}]" for number in numbers)
        piece = f"{gap if self.said else gap.lstrip()}{text}{' ' if markers else ''}{markers}"
        said = Said(text, piece, numbers, supported, tuple(self.citations[known:]))
        self.said.append(said)
        return said

    def _number(self, cited: Cited) -> int:
        """The number of a quote in this answer; one that is new is taken up."""
        for number, known in enumerate(self.citations, 1):
            if (known.chunk.chunk_id, known.start, known.end) == (cited.chunk.chunk_id, cited.start, cited.end):
                return number
        self.citations.append(cited)
        return len(self.citations)


def _ended(finish: str) -> Ended:
    """How a model's own word for the end is meant here: whatever is not whole or too long has been cut."""
    return "stop" if finish == "stop" else "length" if finish == "length" else "cut"


async def _next(stream: AsyncGenerator[ChatPiece, None], until: float) -> ChatPiece | None:
    async with asyncio.timeout_at(until):
        return await anext(stream, None)
