"""The passages and questions that every system is given."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LONGEST_WORDS = 140
"""Words of a passage: under 200 tokens of the model, so that no system truncates."""


@dataclass(frozen=True)
class Corpus:
    """Passages to index and queries to ask."""

    name: str
    passages: list[str]
    queries: list[str]

    def save(self, path: Path) -> None:
        """Write it where a child process reads it."""
        path.write_text(json.dumps(asdict(self)))


def load(path: Path) -> Corpus:
    """A corpus that another process saved."""
    return Corpus(**json.loads(path.read_text()))


def build(data: Path | None, passages: int, queries: int) -> Corpus:
    """A BEIR folder's passages and queries; without one, the sample shop's."""
    if data is None:
        texts, questions = _sample_texts(), _sample_questions()
        name = "samples"
    else:
        texts = (f"{row.get('title', '')}\n{row['text']}" for row in _rows(data / "corpus.jsonl"))
        questions = (row["text"] for row in _rows(data / "queries.jsonl"))
        name = data.name
    cut = [piece for text in texts for piece in _pieces(text)]
    return Corpus(name, list(dict.fromkeys(cut))[:passages], list(dict.fromkeys(questions))[:queries])


def _pieces(text: str) -> Iterator[str]:
    words = text.split()
    for start in range(0, len(words), LONGEST_WORDS):
        yield " ".join(words[start : start + LONGEST_WORDS])


def _rows(path: Path) -> Iterator[dict[str, str]]:
    with path.open() as lines:
        for line in lines:
            yield json.loads(line)


def _sample_texts() -> Iterator[str]:
    for path in sorted((ROOT / "samples" / "documents").rglob("*.md")):
        yield path.read_text()
    for row in _rows(ROOT / "samples" / "products.jsonl"):
        yield f"{row['title']}\n{row['description']}"


def _sample_questions() -> Iterator[str]:
    import yaml  # noqa: PLC0415  # the peers' environment, which reads a saved corpus, need not have it

    for item in yaml.safe_load((ROOT / "samples" / "goldens.yaml").read_text())["questions"]:
        yield item["question"]
