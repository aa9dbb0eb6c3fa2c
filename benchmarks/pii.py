"""Measures the approvals' redactor: quality on labelled texts, what it takes out of harmless ones, its speed.

python benchmarks/pii.py --data ../shared/data/pii/presidio_research_generated_large.json --benign samples

Speed: texts of about 200 characters, each in turn through Presidio's analyzer with its own set of patterns and no
model, and through ours, in one run; medians, and their ratio. `detect` is one look at a text, as Presidio's is;
`redact` looks again until nothing is left and puts the placeholders in.
Harmless: the share of characters that are taken out of a folder's texts, and what was.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import spacy
from presidio_analyzer import AnalyzerEngine, RecognizerRegistry
from presidio_analyzer.nlp_engine import SpacyNlpEngine
from presidio_analyzer.predefined_recognizers.generic import email_recognizer

from tillhand_approvals.adapters.redaction.engine import PresidioDetector
from tillhand_approvals.commands.pii import evaluate
from tillhand_approvals.domain.redaction.replacing import redacted

_READ: Final = frozenset({".txt", ".md", ".mdx", ".csv", ".html", ".json", ".jsonl"})
_LENGTH: Final = 200
_ROUNDS: Final = 5
_MESSAGES: Final = """\
Hello, my name is Miriam Oduya and my order 100482 never arrived. Please send it to 14 Harcourt Road, Leeds, LS6 2AB, \
or call me on +44 113 496 0718. My e-mail is miriam.oduya@example.com, thanks a lot.
The rack carries 25 kg and fits frames with eyelets at the dropout. Steel, powder coated, 680 g. The set comes with \
bolts and a fitting guide; mounting takes about twenty minutes with an Allen key of 5 mm.
Refund of 89.90 to the card 4111 1111 1111 1111 was asked for by Jonas Feld on 2025-03-14. The parcel came back to the \
warehouse, the seal was broken, and the customer wants the money on IBAN DE89370400440532013000.""".splitlines()


class _Blank(SpacyNlpEngine):  # type: ignore[misc]  # Presidio comes without types
    """Presidio's own engine over a pipeline that splits words and nothing else."""

    def __init__(self) -> None:
        super().__init__(models=[{"lang_code": "en", "model_name": "blank"}])
        self.load()

    def load(self) -> None:
        self.nlp = {"en": spacy.blank("en")}


def stock() -> AnalyzerEngine:
    """Presidio with its own set of patterns and no model."""
    domains = vars(email_recognizer)["tldextract"]
    vars(domains)["extract"] = domains.TLDExtract(suffix_list_urls=())  # which would fetch a list
    registry = RecognizerRegistry()
    registry.load_predefined_recognizers()
    return AnalyzerEngine(registry=registry, nlp_engine=_Blank())


def texts_of_length(data: Path | None) -> list[str]:
    """Texts of about 200 characters: labelled ones, or a few messages to a shop."""
    if data is None:
        return [message[:_LENGTH] for message in _MESSAGES] * 20
    every = [record["full_text"] for record in json.loads(data.read_text("utf-8"))]
    return [text for text in every if abs(len(text) - _LENGTH) <= _LENGTH // 4][:100]


def speed(detector: PresidioDetector, texts: list[str]) -> None:
    """Print the medians and their ratios."""
    theirs = stock()
    ways: dict[str, Callable[[str], Any]] = {
        "stock": lambda text: theirs.analyze(text, "en"),
        "detect": detector.detect,
        "redact": lambda text: redacted(text, detector.detect),
    }
    times: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(_ROUNDS):
        for text in texts:
            for name, way in ways.items():
                started = time.perf_counter()
                way(text)
                times[name].append(time.perf_counter() - started)
    medians = {name: statistics.median(each) * 1e3 for name, each in times.items()}
    length = statistics.mean(map(len, texts))
    print(f"\nSpeed: {len(texts)} texts of {length:.0f} characters on average, {_ROUNDS} rounds, median of a text")
    for name, median in medians.items():
        print(f"  {name:8} {median:6.3f} ms  {median / medians['stock']:.2f} of stock")


def files(folder: Path) -> Iterator[str]:
    """The texts of a folder."""
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.suffix.lower() in _READ:
            yield path.read_text("utf-8", errors="replace")


def harmless(detector: PresidioDetector, folder: Path) -> None:
    """Print how much of a folder's texts is taken out, and what."""
    characters = taken = 0
    kinds: Counter[str] = Counter()
    examples: Counter[tuple[str, str]] = Counter()
    for text in files(folder):
        characters += len(text)
        for span in redacted(text, detector.detect)[1]:
            taken += span.end - span.start
            kinds[span.kind] += span.end - span.start
            examples[span.kind, text[span.start : span.end]] += 1
    print(f"\nHarmless texts: {taken / max(characters, 1):.2%} of {characters} characters taken out of {folder}")
    for kind, count in kinds.most_common():
        print(f"  {kind:16} {count / characters:.2%}")
    print(
        "  most often: " + "; ".join(f"{text!r} ({kind}, {count})" for (kind, text), count in examples.most_common(12))
    )


def quality(data: Path) -> None:
    """Print the figures on labelled texts."""
    figures = evaluate(data)
    types = figures.pop("types")
    print("Quality: " + ", ".join(f"{name} {value}" for name, value in figures.items()))
    for name, row in types.items():
        print(f"  {name:18}" + " ".join(f"{key} {value}" for key, value in row.items()))


def main() -> None:
    """Print everything that was asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, help="labelled texts of presidio-research")
    parser.add_argument(
        "--benign", type=Path, action="append", default=[], help="a folder of texts without anybody in them"
    )
    options = parser.parse_args()
    if options.data is not None:
        quality(options.data)
    detector = PresidioDetector()
    for folder in options.benign:
        harmless(detector, folder)
    speed(detector, texts_of_length(options.data))


if __name__ == "__main__":
    main()
