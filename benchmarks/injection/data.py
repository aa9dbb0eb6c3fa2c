"""Attacks and passages without any, each in a half to fit weights on and a half to report."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Literal, NamedTuple

from tillhand_rag.adapters.beir import load_beir
from tillhand_rag.adapters.chunking import Chunker
from tillhand_rag.adapters.embedding.model_files import find_default_model
from tillhand_rag.adapters.embedding.tokenizer import ModelTokenizer
from tillhand_rag.adapters.parsing import FormatParser
from tillhand_rag.errors import DocumentProblem

Half = Literal["fitted", "reported"]
MAX_TOKENS = 256
SAMPLES = Path(__file__).parents[2] / "samples" / "documents"
HARMLESS = Path(__file__).with_name("harmless.txt")
"""Passages written for this: what shops tell their customers and staff, with many questions and many orders."""


class Passage(NamedTuple):
    """A passage as the service cuts it, with its title and headings."""

    text: str
    context: str = ""


class Attack(NamedTuple):
    """An instruction to plant, and its category in BIPIA."""

    category: str
    text: str


def attacks(bipia: Path, kind: Literal["text", "code"], half: Half) -> list[Attack]:
    """BIPIA's attacks; those to train on and those to test with are of different categories, but for one name."""
    name = f"{kind}_attack_{'train' if half == 'fitted' else 'test'}.json"
    categories: Mapping[str, Sequence[str]] = json.loads((bipia / name).read_text(encoding="utf-8"))
    return [Attack(category, text) for category, texts in categories.items() for text in texts]


def half_of(data: bytes) -> Half:
    """The half that a file belongs to, by its hash."""
    return "reported" if hashlib.sha256(data).digest()[-1] % 2 else "fitted"


class Passages:
    """Reads documents and cuts them into passages as the service does."""

    def __init__(self) -> None:
        tokenizer = ModelTokenizer.load(find_default_model().tokenizer, max_tokens=MAX_TOKENS)
        self._chunker = Chunker(tokenizer, MAX_TOKENS)
        self._parser = FormatParser()

    def of_file(self, data: bytes, filename: str) -> Iterator[Passage]:
        """The passages of one file; none where it is refused."""
        try:
            documents = self._parser.parse(data, filename=filename, media_type=None)
        except DocumentProblem:
            return
        for document in documents:
            for chunk in self._chunker.split(document):
                yield Passage(document.text[chunk.start : chunk.end], chunk.context)

    def of_folder(self, folder: Path, half: Half | None = None, every: int = 1) -> list[Passage]:
        """The passages of a folder's files, or of those that belong to one half; of every so manieth file."""
        files = [path for path in sorted(folder.rglob("*")) if path.is_file()][::every]
        contents = [(path.name, path.read_bytes()) for path in files]
        return [
            passage for name, data in contents if half in {None, half_of(data)} for passage in self.of_file(data, name)
        ]

    def of_beir(self, folder: Path, half: Half | None = None) -> list[Passage]:
        """The passages of a folder in BEIR layout."""
        return [
            passage._replace(context=document.title)
            for document in load_beir(folder).documents
            if half in {None, half_of(document.text.encode())}
            for passage in self.of_file(document.text.encode(), "document.txt")
        ]

    def of_contexts(self, bipia: Path, kind: Literal["email", "table", "code"], half: Half) -> list[Passage]:
        """The passages of BIPIA's contexts of this kind."""
        path = bipia / kind / f"{'train' if half == 'fitted' else 'test'}.jsonl"
        contexts = [json.loads(line)["context"] for line in path.read_text(encoding="utf-8").splitlines()]
        texts = [context if isinstance(context, str) else "\n".join(context) for context in contexts]
        name = "context.txt" if kind == "email" else "context.md"
        return [passage for text in texts for passage in self.of_file(text.encode(), name)]


def harmless() -> list[Passage]:
    """The passages written for this."""
    return [Passage(text.strip()) for text in HARMLESS.read_text(encoding="utf-8").split("%%")]
