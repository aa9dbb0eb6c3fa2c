"""Passages sized by the embedder's own tokenizer: nothing is ever cut off, every offset is exact."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tillhand_rag.domain.documents import Chunk, ParsedDocument
from tillhand_rag.domain.embedded import passage_text
from tillhand_rag.domain.packing import Ruler, pack
from tillhand_rag.domain.sections import Path, Section, common_path, grouped, sections, trimmed
from tillhand_rag.ports.embedding import Tokenizer

SMALL_TOKENS = 48
"""A section with fewer tokens shares a passage with its neighbours."""
CONTEXT_SHARE = 8
"""The context takes at most one token in so many."""
MIN_PASSAGE_TOKENS = 16
_SEPARATOR = " > "
_ENDS = ("title", "heading")


class Chunker:
    """Cuts documents into passages along their sections, blocks, lines and sentences.

    `max_tokens` bounds context and passage together, special tokens included. The same document always gives the same
    chunks, and what is embedded for one section depends on no other section's text, small neighbours aside.

    A section that fits is one chunk; one that does not is cut into pieces of at most `target_tokens`.
    """

    def __init__(
        self,
        tokenizer: Tokenizer,
        max_tokens: int,
        *,
        target_tokens: int | None = None,
        small_tokens: int = SMALL_TOKENS,
    ) -> None:
        special = tokenizer.count("")
        if max_tokens < special + MIN_PASSAGE_TOKENS:
            raise ValueError(f"max_tokens must be at least {special + MIN_PASSAGE_TOKENS}")
        target = max(min(target_tokens or max_tokens, max_tokens), special + MIN_PASSAGE_TOKENS)
        self._budget = _Budget(tokenizer, max_tokens, target, special, max_tokens // CONTEXT_SHARE)
        self._small_tokens = min(small_tokens, max_tokens // 4)

    def split(self, parsed: ParsedDocument) -> list[Chunk]:
        """The document's chunks in order. Every character but white space lies in exactly one of them."""
        return list(_Splitter(parsed, self._budget).chunks(self._small_tokens))

    def embedded_text(self, parsed: ParsedDocument, chunk: Chunk) -> str:
        """What is embedded and indexed for a chunk: its context, a line feed, its passage."""
        return passage_text(chunk.context, parsed.text[chunk.start : chunk.end])


@dataclass(frozen=True, slots=True)
class _Budget:
    """How many tokens there are, and how many of them are spent before the passage."""

    tokenizer: Tokenizer
    max_tokens: int
    target: int
    special: int
    context: int

    def context_text(self, parts: Sequence[str]) -> str:
        """Title and headings as one line within the context's share: the ends of the path matter most."""
        kept = list(parts)
        text = _SEPARATOR.join(kept)
        if self._tokens(text) <= self.context:
            return text
        while len(kept) > len(_ENDS) and self._tokens(_SEPARATOR.join(kept)) > self.context:
            del kept[1]
        last = self._clipped(kept[-1], self.context if len(kept) == 1 else self.context // 2)
        rest = self.context - self._tokens(f"{_SEPARATOR}{last}")
        return _SEPARATOR.join(filter(None, [*(self._clipped(part, rest) for part in kept[:-1]), last]))

    def _clipped(self, text: str, tokens: int) -> str:
        spans = self.tokenizer.offsets(text)
        if len(spans) <= tokens:
            return text
        cut = text[: spans[tokens][0]].rstrip() if tokens > 0 else ""
        return cut.rsplit(" ", 1)[0] if " " in cut and not text[len(cut)].isspace() else cut

    def _tokens(self, text: str) -> int:
        return len(self.tokenizer.offsets(text))


class _Splitter:
    """Splits one document; it is tokenised once, and once more passage by passage to be certain of every count."""

    def __init__(self, parsed: ParsedDocument, budget: _Budget) -> None:
        self._parsed = parsed
        self._budget = budget
        self._ruler = Ruler(parsed.text, budget.tokenizer.offsets(parsed.text))
        self._page_starts = [page.start for page in parsed.pages]
        self._contexts: dict[Path, str] = {}
        self._ordinal = 0

    def chunks(self, small_tokens: int) -> Iterator[Chunk]:
        found = sections(self._parsed)
        for group in grouped(found, lambda start, end: self._ruler.size(start, end) < small_tokens):
            reserve = max(self._size(self._context((self._parsed.title, *section.path))) for section in group)
            spent = self._budget.special + reserve
            start, end = group[0].start, group[-1].end
            whole = self._ruler.size(start, end) <= self._budget.max_tokens - spent
            capacity = (self._budget.max_tokens if whole else self._budget.target) - spent
            yield from self._fitted(group, start, end, max(capacity, 1))

    def _fitted(self, group: Sequence[Section], start: int, end: int, capacity: int) -> Iterator[Chunk]:
        """Chunks of the span; where tokens do not add up as measured, a piece is cut again until it fits."""
        for piece in pack(self._ruler, start, end, capacity):
            first, last = trimmed(self._parsed.text, *piece)
            if first == last:
                continue
            chunk = self._chunk(group, first, last)
            size = self._ruler.size(first, last)
            if chunk.tokens <= self._budget.max_tokens:
                self._ordinal += 1
                yield chunk
            elif size > 1:
                smaller = size * self._budget.max_tokens // chunk.tokens
                yield from self._fitted(group, first, last, max(1, min(smaller, size - 1)))
            else:
                middle = (first + last) // 2
                yield from self._fitted(group, first, middle, 1)
                yield from self._fitted(group, middle, last, 1)

    def _chunk(self, group: Sequence[Section], start: int, end: int) -> Chunk:
        path = common_path(group, start, end)
        context = self._context_of(group, path, start, end)
        tokens = self._budget.tokenizer.count(passage_text(context, self._parsed.text[start:end]))
        return Chunk(self._ordinal, start, end, path, self._page(start), context, tokens)

    def _context_of(self, group: Sequence[Section], path: Path, start: int, end: int) -> str:
        """Title and path, without what stands in the passage itself."""
        within = {section.path[-1] for section in group if section.path and start <= section.start < end}
        parts = [part for part in path if part not in within]
        if self._parsed.title not in within and self._parsed.title != next(iter(path), ""):
            parts.insert(0, self._parsed.title)
        return self._context(tuple(parts))

    def _context(self, parts: Path) -> str:
        if parts not in self._contexts:
            self._contexts[parts] = self._budget.context_text([one for one in dict.fromkeys(parts) if one])
        return self._contexts[parts]

    def _size(self, text: str) -> int:
        return len(self._budget.tokenizer.offsets(text))

    def _page(self, start: int) -> int | None:
        index = bisect_right(self._page_starts, start) - 1
        return self._parsed.pages[index].number if index >= 0 else None
