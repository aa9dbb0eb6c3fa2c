"""A collection's words in a tantivy index: BM25 over title, headings and passage, and part numbers as wholes.

Derived: the folder can be deleted at any time and is built again from the truth. Nothing of a text is stored in it but
its words. `mark.json` says what it was built from and how far it has come.
"""

from __future__ import annotations

import json
import re
import shutil
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Final, Self

import tantivy
from tantivy import Filter, Occur, Query, TextAnalyzerBuilder, Tokenizer

from tillhand_rag.store.footers import is_intact
from tillhand_rag.store.foreign import sober
from tillhand_rag.store.records import Indexable

FORMAT: Final = 1
"""Raised whenever analysis or fields change: an index of another format is built again."""

_MARK: Final = "mark.json"
_WORDS: Final = r"[\p{L}\p{N}]+"
_TITLES: Final = 2
"""How often the title counts. One field for all: BM25 then weighs a title's words against one length (BM25F)."""
_CODE: Final = re.compile(r"[^\W_]+(?:[-./_+][^\W_]+)*")
_SEPARATORS: Final = str.maketrans("", "", "-./_+")
_CODE_BOOST: Final = 2.0
_SHORTEST_MISSPELT: Final = 5
_MISSPELT_SCORE: Final = 3.5
"""What each document with a similar word scores for it, however often it has it: about a rare word's worth."""
_WRITER_BYTES: Final = 15_000_000
_LONGEST_TERM: Final = 64
_MOST_TERMS: Final = 128


@dataclass(frozen=True, slots=True)
class Mark:
    """What an index was built from, and the last change that it has learnt.

    `removed` counts changes that removed words: until it is built anew, its files may still hold them.
    """

    store_id: str
    format: int
    sequence: int
    removed: int = 0


class KeywordIndex:
    """The keyword index of one collection. One thread writes; any may search."""

    def __init__(self, folder: Path, mark: Mark, *, fresh: bool) -> None:
        self.folder = folder
        self._analyzer = _english()
        self._index = tantivy.Index(_SCHEMA, path=str(folder), reuse=not fresh)
        self._index.register_tokenizer("english", _english())
        self._writer: tantivy.IndexWriter | None = None
        self._opened_at = time.monotonic()
        self.mark = mark

    @classmethod
    def create(cls, folder: Path, store_id: str) -> Self:
        """An empty index; what was in the folder is deleted. Until `advance` was called, `open` does not take it."""
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(mode=0o700, parents=True)
        return cls(folder, Mark(store_id, FORMAT, 0), fresh=True)

    @classmethod
    def open(cls, folder: Path, store_id: str) -> Self | None:
        """The index in the folder, or None when there is none that can be used."""
        try:
            mark = Mark(**json.loads((folder / _MARK).read_text()))
            if (mark.store_id, mark.format) != (store_id, FORMAT) or not is_intact(folder):
                return None
            return sober(lambda: cls(folder, mark, fresh=False))
        except (OSError, ValueError, TypeError):
            return None

    @property
    def age_s(self) -> float:
        """Seconds since it was made or opened."""
        return time.monotonic() - self._opened_at

    def __len__(self) -> int:
        """Chunks."""
        return int(self._index.searcher().num_docs)

    def apply(self, latest: Mapping[int, Indexable | None]) -> None:
        """Show these documents, by key, or (None) show them no more: all of them at once, durably.

        Raises `ValueError` or `OSError` when the index is damaged.
        """
        sober(lambda: self._apply(latest))

    def _apply(self, latest: Mapping[int, Indexable | None]) -> None:
        writer = self._opened()
        # By query: deleting an unsigned field's term matches nothing in tantivy 0.27, and does not say so.
        writer.delete_documents_by_query(Query.term_set_query(_SCHEMA, "document", list(latest)))
        for content in latest.values():
            if content is not None:
                _add(writer, content)
        writer.commit()
        self._index.reload()

    def advance(self, through: int, *, removed: int = 0) -> None:
        """Remember that every change up to this one is in the index, so many more of them removals."""
        self.mark = replace(self.mark, sequence=through, removed=self.mark.removed + removed)
        draft = self.folder / f"{_MARK}.new"
        draft.write_text(json.dumps(asdict(self.mark)))
        draft.replace(self.folder / _MARK)

    def search(self, text: str, limit: int, documents: Sequence[int] | None = None) -> list[tuple[int, float]]:
        """The best chunks by BM25 with their scores, best first; only those of `documents` when given.

        Any text is a valid query. Raises `ValueError` or `OSError` when the index is damaged.
        """
        return sober(lambda: self._search(text, limit, documents))

    def _search(self, text: str, limit: int, documents: Sequence[int] | None) -> list[tuple[int, float]]:
        searcher = self._index.searcher()
        clauses = self._clauses(text, searcher)
        if not clauses or limit < 1:
            return []
        query = Query.boolean_query(clauses)
        if documents is not None:
            chosen = Query.const_score_query(Query.term_set_query(_SCHEMA, "document", list(documents)), 0.0)
            query = Query.boolean_query([(Occur.Must, query), (Occur.Must, chosen)])
        hits = searcher.search(query, limit, count=False).hits
        chunks = searcher.fast_field_values("chunk", [address for _, address in hits])
        return list(zip(chunks, [score for score, _ in hits], strict=True))

    def known(self, words: Sequence[str]) -> frozenset[str]:
        """Those of these words that a chunk holds in some form, or that are so common that none is asked for them.

        Raises `ValueError` or `OSError` when the index is damaged.
        """
        return sober(lambda: self._known(words))

    def _known(self, words: Sequence[str]) -> frozenset[str]:
        searcher = self._index.searcher()
        return frozenset(
            word
            for word in words
            if len(word) < _LONGEST_TERM  # the analyzer drops longer ones as it drops common ones
            and all(searcher.doc_freq("words", term) > 0 for term in self._analyzer.analyze(word))
        )

    def destroy(self) -> None:
        """Delete the index."""
        self.close()
        shutil.rmtree(self.folder)

    def close(self) -> None:
        """Finish merging and release the writer."""
        if self._writer is not None:
            self._writer.wait_merging_threads()
            self._writer = None

    def _opened(self) -> tantivy.IndexWriter:
        if self._writer is None:
            self._writer = self._index.writer(heap_size=_WRITER_BYTES, num_threads=1)
        return self._writer

    def _clauses(self, text: str, searcher: tantivy.Searcher) -> list[tuple[Occur, Query]]:
        words = list(dict.fromkeys(self._analyzer.analyze(text)))[:_MOST_TERMS]
        codes = _codes(text)[:_MOST_TERMS]
        queries = [_word_query(word, known=searcher.doc_freq("words", word) > 0) for word in words]
        queries += [
            Query.boost_query(Query.term_query(_SCHEMA, "codes", code, index_option="freq"), _CODE_BOOST)
            for code in codes
        ]
        return [(Occur.Should, query) for query in queries]


def _word_query(word: str, *, known: bool) -> Query:
    """Documents with the word; for one that no document has, with a word that is a slip of the pen away."""
    if known or len(word) < _SHORTEST_MISSPELT or not word.isalpha():
        return Query.term_query(_SCHEMA, "words", word, index_option="freq")
    return Query.boost_query(Query.fuzzy_term_query(_SCHEMA, "words", word), _MISSPELT_SCORE)


def _add(writer: tantivy.IndexWriter, content: Indexable) -> None:
    values = [value for value in content.fields.values() if isinstance(value, str)]
    for passage in content.passages:
        words = "\n".join([*[content.title] * _TITLES, *passage.heading_path, passage.text])
        document = tantivy.Document()
        document.add_unsigned("chunk", passage.chunk)
        document.add_unsigned("document", content.key)
        document.add_text("words", words)
        document.add_text("codes", " ".join(_codes("\n".join([words, *values]))))
        writer.add_document(document)


def _codes(text: str) -> list[str]:
    """Part numbers and the like, each once: what mixes digits with letters or separators, without the separators."""
    found = (match.group().casefold() for match in _CODE.finditer(text))
    mixed = (code for code in found if not code.isdigit() and any(letter.isdigit() for letter in code))
    return list(dict.fromkeys(bare for code in mixed if len(bare := code.translate(_SEPARATORS)) <= _LONGEST_TERM))


def _english() -> tantivy.TextAnalyzer:
    return (
        TextAnalyzerBuilder(Tokenizer.regex(_WORDS))
        .filter(Filter.remove_long(_LONGEST_TERM))
        .filter(Filter.lowercase())
        .filter(Filter.ascii_fold())
        .filter(Filter.stopword("english"))
        .filter(Filter.stemmer("english"))
        .build()
    )


def _schema() -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    builder.add_unsigned_field("chunk", fast=True)
    builder.add_unsigned_field("document", indexed=True)
    builder.add_text_field("words", tokenizer_name="english", index_option="freq")
    builder.add_text_field("codes", tokenizer_name="whitespace", index_option="freq")
    return builder.build()


_SCHEMA: Final = _schema()
