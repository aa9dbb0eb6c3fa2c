"""How well and how fast documents are read: word F1 against ground truth per format, documents and passages per second.

python benchmarks/parsing.py ../shared/data/documents --tokenizer path/to/tokenizer.json
"""

from __future__ import annotations

import argparse
import gzip
import json
import re
import statistics
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

from tokenizers import Tokenizer as ModelTokenizer

from tillhand_rag.adapters.chunking import Chunker
from tillhand_rag.adapters.parsing import FormatParser
from tillhand_rag.domain.documents import ParsedDocument
from tillhand_rag.errors import DocumentProblem

MAX_TOKENS = 256
_WORD = re.compile(r"\w+")
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_LINK = re.compile(r"!?\[([^\]]*)\]\([^)]*\)")


class WholeTokenizer:
    """A model's tokenizer that truncates nothing."""

    def __init__(self, path: Path) -> None:
        self._model = ModelTokenizer.from_file(str(path))
        self._model.no_truncation()
        self._model.no_padding()

    def count(self, text: str) -> int:
        return len(self._model.encode(text).ids)

    def offsets(self, text: str) -> list[tuple[int, int]]:
        offsets: list[tuple[int, int]] = self._model.encode(text, add_special_tokens=False).offsets
        return offsets


def word_f1(text: str, truth: str) -> float:
    """Harmonic mean of precision and recall over the words of both, with their counts."""
    found, wanted = (Counter(_WORD.findall(words.lower())) for words in (text, truth))
    common = (found & wanted).total()
    return 2 * common / (found.total() + wanted.total()) if common else 0.0


def truths(root: Path) -> Iterator[tuple[str, str, bytes, str]]:
    """Format, name, bytes and true text of every file with a ground truth."""
    for kind in ("md", "html", "docx", "pdf"):
        for source in sorted((root / "docling" / kind / "sources").iterdir()):
            folder = root / "docling" / kind / "groundtruth"
            truth = next(
                (path for path in (folder / f"{source.name}.md", folder / f"{source.stem}.md") if path.exists()), None
            )
            if truth is not None:
                yield kind, source.name, source.read_bytes(), _LINK.sub(r"\1", _COMMENT.sub("", truth.read_text()))
    articles = json.loads((root / "article-html" / "ground-truth.json").read_text())
    for name, truth in articles.items():
        page = gzip.decompress((root / "article-html" / "html" / f"{name}.html.gz").read_bytes())
        yield "html (web pages)", f"{name}.html", page, truth["articleBody"]


def _text(document: ParsedDocument) -> str:
    return document.text


def _body(document: ParsedDocument) -> str:
    """Its text without its title: the ground truth of a web page is its body alone."""
    return "\n".join(line for line in document.text.split("\n") if line.lstrip("# ").strip() != document.title)


def measure_quality(root: Path) -> None:
    scores: defaultdict[str, list[float]] = defaultdict(list)
    refused: Counter[str] = Counter()
    for kind, name, data, truth in truths(root):
        try:
            documents = FormatParser().parse(data, filename=name, media_type=None)
        except DocumentProblem:
            refused[kind] += 1
            continue
        scores[kind].append(word_f1("\n".join(map(_body if "pages" in kind else _text, documents)), truth))
    print(f"{'format':<20}{'files':>7}{'refused':>9}{'mean F1':>9}{'median':>8}{'lowest':>8}")
    for kind, values in scores.items():
        mean, median = statistics.fmean(values), statistics.median(values)
        print(f"{kind:<20}{len(values):>7}{refused[kind]:>9}{mean:>9.3f}{median:>8.3f}{min(values):>8.3f}")


def measure_speed(root: Path, tokenizer: Path | None) -> None:
    files = [(path.name, path.read_bytes()) for path in sorted(root.rglob("*")) if path.is_file()]
    parser = FormatParser()
    documents: list[ParsedDocument] = []
    refused: Counter[str] = Counter()
    started = time.perf_counter()
    for name, data in files:
        try:
            documents.extend(parser.parse(data, filename=name, media_type=None))
        except DocumentProblem as problem:
            refused[type(problem).__name__] += 1
    seconds = time.perf_counter() - started
    characters = sum(len(document.text) for document in documents)
    print(
        f"\n{root.name}: {len(files)} files, {len(documents)} documents, {characters:,} characters in {seconds:.1f} s"
    )
    print(f"parsing: {len(documents) / seconds:.0f} documents/s; refused: {dict(refused) or 'none'}")
    if tokenizer is not None:
        measure_chunking(documents, Chunker(WholeTokenizer(tokenizer), MAX_TOKENS))


def measure_chunking(documents: list[ParsedDocument], chunker: Chunker) -> None:
    started = time.perf_counter()
    tokens = [chunk.tokens for document in documents for chunk in chunker.split(document)]
    seconds = time.perf_counter() - started
    per_second = len(tokens) / seconds
    print(f"chunking: {len(documents) / seconds:.0f} documents/s, {len(tokens)} chunks, {per_second:.0f} chunks/s")
    print(f"tokens per chunk: mean {statistics.fmean(tokens):.0f}, largest {max(tokens)} of {MAX_TOKENS}")


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("documents", type=Path, help="a folder with parse-bench and commerce in it")
    arguments.add_argument(
        "--tokenizer", type=Path, help="the embedder's tokenizer.json; without it nothing is chunked"
    )
    given = arguments.parse_args()
    measure_quality(given.documents / "parse-bench")
    measure_speed(given.documents / "commerce", given.tokenizer)


if __name__ == "__main__":
    main()
