"""How well a detector does on labelled texts, by the definitions of presidio-evaluator's span evaluator.

A labelled and a found span match where their intersection over union is at least 0.9, counted in characters; spans of
one kind with nothing but separators between them are one span. Its overall figures know one kind, "personal": that a
street was taken for a town costs nothing there, and `f2` is counted so (beta 2: a miss weighs more than a false alarm).
Its table by type, here `types`, counts a span of another type as missed and as a false alarm; `f2_typed` sums that up.
Where it leaves out words such as "street" from what is compared, nothing is left out here, which is stricter.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from tillhand_approvals.domain.redaction.finding import IDENTIFYING, Span

IOU: Final = 0.9
BETA: Final = 2
_SEPARATORS: Final = re.compile(r"[\W_]*")
_ALIASES: Final = {
    "BIRTH_DATE": "DATE_TIME", "DATE": "DATE_TIME", "TIME": "DATE_TIME", "DATE_OF_BIRTH": "DATE_TIME",
    "URL": "DOMAIN_NAME",
    "STREET_ADDRESS": "ADDRESS", "ORG": "ORGANIZATION", "GPE": "LOCATION", "LOC": "LOCATION", "CITY": "LOCATION",
    "COUNTRY": "LOCATION", "PER": "PERSON", "NAME": "PERSON", "PREFIX": "PERSON", "EMAIL": "EMAIL_ADDRESS",
    "PHONE": "PHONE_NUMBER", "IBAN": "IBAN_CODE", "SSN": "US_SSN", "US_ITIN": "ID", "US_PASSPORT": "PASSPORT",
    "US_BANK_NUMBER": "BANK_ACCOUNT", "IP": "IP_ADDRESS",
}  # fmt: skip
_NOT_REQUIRED: Final = frozenset(
    "LOCATION ORGANIZATION DATE_TIME TITLE AGE NRP NATIONALITY RELIGION JOB PREFIX GENDER".split()
)
"""Labels of what names nobody by itself; every other one must be redacted, known or not."""


@dataclass(frozen=True, slots=True)
class Labelled:
    """A text and the spans that people marked in it: label, start, end."""

    text: str
    spans: tuple[tuple[str, int, int], ...]


@dataclass(slots=True)
class _Count:
    matched: int = 0
    labelled: int = 0
    found: int = 0
    marked: int = 0
    covered: int = 0

    def body(self) -> dict[str, float | int]:
        """Precision, recall and F2 of spans, and how many are covered by what was found."""
        precision = self.matched / self.found if self.found else 0.0
        recall = self.matched / self.labelled if self.labelled else 0.0
        return {
            "labelled": self.labelled,
            "found": self.found,
            "precision": round(precision, 4),
            "recall": round(recall, 4),
            "f2": round(f_beta(precision, recall), 4),
            "covered": _share(self.covered, self.marked),
        }


@dataclass(slots=True)
class Score:
    """What was counted over the texts so far."""

    texts: int = 0
    leaking: int = 0
    overall: _Count = field(default_factory=_Count)
    types: defaultdict[str, _Count] = field(default_factory=lambda: defaultdict(_Count))
    required: int = 0
    required_covered: int = 0
    characters: int = 0
    characters_right: int = 0

    def add(self, sample: Labelled, spans: Sequence[Span]) -> None:
        """Count one text."""
        found = [(_label(span.kind), span.start, span.end) for span in spans]
        labelled = [(_label(kind), start, end) for kind, start, end in sample.spans]
        _tally(self.overall, _joined(sample.text, _as_one(labelled)), _joined(sample.text, _as_one(found)))
        for kind in {kind for kind, _, _ in labelled + found}:
            ours = [span for span in found if span[0] == kind]
            theirs = [span for span in labelled if span[0] == kind]
            _tally(self.types[kind], _joined(sample.text, theirs), _joined(sample.text, ours))
        self._cover(sample, spans)

    def _cover(self, sample: Labelled, spans: Sequence[Span]) -> None:
        every = {at for span in spans for at in range(span.start, span.end)}
        redacted = {at for span in spans if span.kind in IDENTIFYING for at in range(span.start, span.end)}
        marked = {at for _, start, end in sample.spans for at in range(start, end)}
        told = [at for at in every if sample.text[at].isalnum()]
        self.characters += len(told)
        self.characters_right += sum(at in marked for at in told)
        leaks = False
        for label, start, end in sample.spans:
            inside = [at for at in range(start, min(end, len(sample.text))) if sample.text[at].isalnum()]
            required = _is_required(label)
            held = all(at in (redacted if required else every) for at in inside)
            self.types[_label(label)].marked += 1
            self.types[_label(label)].covered += held
            if required:
                self.required += 1
                self.required_covered += held
                leaks = leaks or not held
        self.texts += 1
        self.leaking += leaks

    def body(self) -> dict[str, Any]:
        """The figures, as they are printed."""
        overall = self.overall.body()
        typed = _Count(
            sum(each.matched for each in self.types.values()),
            sum(each.labelled for each in self.types.values()),
            sum(each.found for each in self.types.values()),
        ).body()
        return {
            "texts": self.texts,
            "f2": overall["f2"],
            "precision": overall["precision"],
            "recall": overall["recall"],
            "f2_typed": typed["f2"],
            "must_redact_recall": _share(self.required_covered, self.required),
            "char_precision": _share(self.characters_right, self.characters),
            "leaking_texts": _share(self.leaking, self.texts, of_nothing=0.0),
            "types": {name: self.types[name].body() for name in sorted(self.types)},
        }


def score(samples: Iterable[Labelled], detect: Callable[[str], Sequence[Span]]) -> dict[str, Any]:
    """The figures of a detector over labelled texts."""
    counted = Score()
    for sample in samples:
        counted.add(sample, detect(sample.text))
    return counted.body()


def read_labelled(records: Iterable[Mapping[str, Any]]) -> list[Labelled]:
    """Texts in the format of presidio-research. Raises `KeyError`, `TypeError` or `ValueError` for anything else."""
    return [
        Labelled(
            str(record["full_text"]),
            tuple(
                (str(span["entity_type"]), int(span["start_position"]), int(span["end_position"]))
                for span in record["spans"]
            ),
        )
        for record in records
    ]


def f_beta(precision: float, recall: float) -> float:
    """The weighted harmonic mean of both (van Rijsbergen 1979), recall weighing `BETA` times as much."""
    weight = BETA * BETA
    below = weight * precision + recall
    return (1 + weight) * precision * recall / below if below else 0.0


def _label(kind: str) -> str:
    return _ALIASES.get(kind, kind)


def _is_required(label: str) -> bool:
    return label not in _NOT_REQUIRED and _label(label) not in _NOT_REQUIRED


def _share(part: int, whole: int, *, of_nothing: float = 1.0) -> float:
    return round(part / whole, 4) if whole else of_nothing


def _as_one(spans: Iterable[tuple[str, int, int]]) -> list[tuple[str, int, int]]:
    return [("PII", start, end) for _, start, end in spans]


def _joined(text: str, spans: Collection[tuple[str, int, int]]) -> list[tuple[int, int]]:
    """Spans of one kind, those beside each other as one."""
    joined: list[tuple[int, int]] = []
    for _, start, end in sorted(spans, key=lambda each: each[1:]):
        if joined and (start <= joined[-1][1] or _SEPARATORS.fullmatch(text, joined[-1][1], start)):
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined


def _tally(count: _Count, labelled: Sequence[tuple[int, int]], found: Sequence[tuple[int, int]]) -> None:
    taken: set[int] = set()
    for span in labelled:
        overlaps = [(_iou(span, other), at) for at, other in enumerate(found) if at not in taken]
        best, at = max(overlaps, default=(0.0, -1))
        if best >= IOU:
            taken.add(at)
    count.matched += len(taken)
    count.labelled += len(labelled)
    count.found += len(found)


def _iou(first: tuple[int, int], second: tuple[int, int]) -> float:
    inter = min(first[1], second[1]) - max(first[0], second[0])
    return inter / (max(first[1], second[1]) - min(first[0], second[0])) if inter > 0 else 0.0
