"""Real files that nobody here wrote: how much of their true words is read, and that nothing breaks."""

from __future__ import annotations

import gzip
import json
import re
import statistics
import unicodedata
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fakes.embedder import PieceTokenizer
from tests.fakes.files import SHARED, parse
from tillhand_rag.adapters.chunking import Chunker
from tillhand_rag.adapters.parsing import FormatParser
from tillhand_rag.errors import DocumentProblem

BENCH = SHARED / "documents/parse-bench"
COMMERCE = SHARED / "documents/commerce"

pytestmark = [
    pytest.mark.shared,
    pytest.mark.skipif(not BENCH.is_dir(), reason="the data for development is not there"),
]


def word_f1(text: str, truth: str) -> float:
    found, wanted = (Counter(re.findall(r"\w+", words.lower())) for words in (text, truth))
    return 2 * (found & wanted).total() / (found.total() + wanted.total())


def truths(kind: str) -> Iterator[tuple[Path, str]]:
    for source in sorted((BENCH / "docling" / kind / "sources").iterdir()):
        folder = BENCH / "docling" / kind / "groundtruth"
        for truth in (folder / f"{source.name}.md", folder / f"{source.stem}.md"):
            if truth.exists():
                plain = re.sub(r"<!--.*?-->", "", truth.read_text(), flags=re.DOTALL)
                yield source, re.sub(r"!?\[([^\]]*)\]\([^)]*\)", r"\1", plain)


@pytest.mark.parametrize(
    ("kind", "step", "floor"), [("html", 3, 0.92), ("docx", 4, 0.86), ("pdf", 3, 0.88), ("md", 2, 0.85)]
)
def test_documents_are_read_nearly_word_for_word(kind: str, step: int, floor: float) -> None:
    scores = [
        word_f1(parse(source.read_bytes(), source.name).text, truth) for source, truth in list(truths(kind))[::step]
    ]
    assert statistics.fmean(scores) >= floor


def test_articles_are_read_without_most_of_what_surrounds_them() -> None:
    articles = json.loads((BENCH / "article-html/ground-truth.json").read_text())
    scores = []
    for name in sorted(articles)[::9]:
        page = gzip.decompress((BENCH / f"article-html/html/{name}.html.gz").read_bytes())
        scores.append(word_f1(parse(page, "article.html").text, articles[name]["articleBody"]))
    assert statistics.fmean(scores) >= 0.85


def test_a_shop_s_documents_become_clean_text_and_whole_passages() -> None:
    parser, chunker = FormatParser(), Chunker(PieceTokenizer(), 256)
    read = 0
    for path in sorted(file for file in COMMERCE.rglob("*") if file.is_file())[::40]:
        try:
            documents = parser.parse(path.read_bytes(), filename=path.name, media_type=None)
        except DocumentProblem:
            continue
        for document in documents:
            read += 1
            assert unicodedata.is_normalized("NFC", document.text)
            assert not re.search(r" $|\n\n\n|[\x00-\x09\x0b-\x1f]", document.text, re.MULTILINE), path
            assert all(document.text.startswith(heading.title, heading.start) for heading in document.headings), path
            chunks = chunker.split(document)
            words = "".join(document.text[chunk.start : chunk.end] for chunk in chunks).split()
            assert "".join(words) == "".join(document.text.split()), path
            assert max(chunk.tokens for chunk in chunks) <= 256
    assert read > 30
