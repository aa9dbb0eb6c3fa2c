"""What of personal spans redaction masks, and what it leaves readable of questions about the documents.

python benchmarks/redaction.py ../shared/data/pii/presidio_research_generated_large.json

The labelled texts are redacted as if they were questions about the sample shop, whose words are taken from a keyword
index of its documents. A span leaks when a word of it is left that would not be there without the span; house numbers
and words like "suite" apart, which say nothing by themselves. Texts in small letters are told apart: without capitals
a name is seen by its form alone.
"""

from __future__ import annotations

import argparse
import json
import re
import statistics
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from tillhand_rag.adapters.parsing import FormatParser
from tillhand_rag.domain.redaction import Redaction
from tillhand_rag.store.keyword_index import KeywordIndex
from tillhand_rag.store.records import Indexable, Passage

SAMPLES = Path("samples")
MUST = frozenset(
    "PERSON ADDRESS CREDIT_CARD PHONE_NUMBER EMAIL_ADDRESS US_SSN IBAN_CODE US_DRIVER_LICENSE IP_ADDRESS "
    "DOMAIN_NAME".split()
)
"""What names or reaches a person. Countries, professions and times of day are counted and not required."""
SAYS_NOTHING = frozenset("mr mrs ms dr and of the suite apt box unit".split())
_WORD = re.compile(r"[^\W_]+")
_QUESTION = re.compile(
    r"(?:how|what|when|where|who|can|could|do|does|is|are|may|why|which|please|i|my)\b|.*\?\s*$",
    re.IGNORECASE | re.DOTALL,
)


@dataclass
class Tally:
    """How many spans of each kind there were and were masked, and how many texts leaked something that must not."""

    texts: int = 0
    leaking: int = 0
    spans: Counter[str] = field(default_factory=Counter)
    masked: Counter[str] = field(default_factory=Counter)

    def add(self, text: str, spans: Iterable[dict[str, Any]], kept: str) -> None:
        """Count a text that was redacted to `kept`."""
        self.texts += 1
        leaking = False
        left = Counter(_WORD.findall(kept))
        for span in spans:
            kind = span["entity_type"]
            around = Counter(_WORD.findall(text[: span["start_position"]] + " " + text[span["end_position"] :]))
            words = (word for word in _WORD.findall(span["entity_value"]) if len(word) > 1)
            leaks = any(left[word] > around[word] for word in words if word.lower() not in SAYS_NOTHING)
            self.spans[kind] += 1
            self.masked[kind] += not leaks
            leaking |= leaks and kind in MUST
        self.leaking += leaking

    def show(self, name: str) -> None:
        """Print the counts."""
        spans = sum(count for kind, count in self.spans.items() if kind in MUST)
        masked = sum(count for kind, count in self.masked.items() if kind in MUST)
        print(f"\n{name}: {self.texts} texts, {self.leaking / self.texts:.1%} of them leak")
        print(f"  must be masked: {masked / spans:.3f} of {spans} spans")
        for kind, count in self.spans.most_common():
            print(f"  {kind:18} {self.masked[kind] / count:.3f} of {count}{'' if kind in MUST else '  (not required)'}")


def documents() -> Iterator[tuple[str, str]]:
    """Title and text of every document of the sample shop."""
    parser = FormatParser(max_bytes=2**25, max_characters=5_000_000, default_currency="EUR")
    for path in sorted(SAMPLES.rglob("*")):
        if path.is_file() and path.suffix not in {"", ".yaml"}:
            for document in parser.parse(path.read_bytes(), filename=path.name, media_type=None):
                yield document.title, document.text


def indexed(folder: Path) -> KeywordIndex:
    """The sample shop's words."""
    index = KeywordIndex.create(folder, "benchmark")
    none = np.zeros((1, 1), dtype=np.float32)
    index.apply(
        {
            key: Indexable(key, title, {}, [Passage(key << 20, (), text)], none)
            for key, (title, text) in enumerate(documents(), start=1)
        }
    )
    return index


def main(labelled: Path) -> None:
    """Print everything."""
    with tempfile.TemporaryDirectory() as folder:
        index = indexed(Path(folder) / "words")
        times: list[float] = []

        def redacted(text: str) -> str:
            started = time.perf_counter()
            redaction = Redaction(text)
            kept = redaction.text(index.known(redaction.doubtful))
            times.append((time.perf_counter() - started) * 1e3)
            return kept

        parts = {name: Tally() for name in ("All", "With capitals", "Questions with capitals")}
        for record in json.loads(labelled.read_text()):
            text = record["full_text"]
            kept = redacted(text)
            cased = text != text.lower()
            for part, counts in zip(parts.values(), (True, cased, cased and _QUESTION.match(text)), strict=True):
                if counts:
                    part.add(text, record["spans"], kept)
        for name, part in parts.items():
            part.show(name)
        goldens = [each["question"] for each in yaml.safe_load((SAMPLES / "goldens.yaml").read_text())["questions"]]
        changed = [(question, kept) for question in goldens if (kept := redacted(question)) != question]
        print(f"\nGolden questions that stay as they are: {1 - len(changed) / len(goldens):.1%} of {len(goldens)}")
        for question, kept in changed:
            print(f"  {question}\n    {kept}")
        p95 = statistics.quantiles(times, n=20)[-1]
        print(f"\nTime of a text: p50 {statistics.median(times):.2f} ms, p95 {p95:.2f} ms")
        index.close()


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("labelled", type=Path, help="labelled texts of presidio-research")
    main(arguments.parse_args().labelled)
