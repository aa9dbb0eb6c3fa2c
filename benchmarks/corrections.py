"""How well and how fast corrections find the questions that they are meant for.

python benchmarks/corrections.py [--xquad ../shared/data/retrieval/xquad-en]

Right and wrong matches by threshold: each golden question of the sample shop as the example of a correction, asked in
other words (benchmarks/corrections.yaml); and each of XQuAD's questions as one, all of which the others must not match
unless they have the same answer: many are about one paragraph, which is as near as different questions come. What tells
two apart was written with these in view: no part was kept apart to judge by. Then the time that matching takes,
beside the question's embedding that answering needs anyway.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from tillhand_common.metrics import Metrics
from tillhand_rag.adapters.embedding import build_embedder
from tillhand_rag.domain.likeness import difference, traits
from tillhand_rag.models.corrections import DEFAULT_THRESHOLD
from tillhand_rag.ports.corrections import CorrectionContent, MeaningMatch, PatternMatch, StoredCorrection
from tillhand_rag.ports.embedding import Embedder, Vectors
from tillhand_rag.service.correction_shelf import CorrectionShelf, Rule
from tillhand_rag.settings import RagSettings

THRESHOLDS = (0.75, 0.8, 0.85, 0.9)
PARAPHRASES = Path(__file__).with_suffix(".yaml")
GOLDENS = Path("samples/goldens.yaml")
CORRECTIONS = 1_000


@dataclass(frozen=True)
class Questions:
    """Questions with their vectors; `same[i]` are those with the same answer as the i-th."""

    texts: Sequence[str]
    vectors: Vectors
    same: Sequence[set[int]]


async def embedded(embedder: Embedder, texts: Sequence[str]) -> Vectors:
    """The vectors of many texts."""
    rows = [await embedder.embed(texts[start : start + 64], bulk=True) for start in range(0, len(texts), 64)]
    return np.concatenate(rows)


def rates(asked: Questions, examples: Questions, threshold: float) -> tuple[float, float, float]:
    """The share of questions whose winner has the same answer, another, and another if only the cosine counted."""
    right = wrong = bare = 0
    for place, text in enumerate(asked.texts):
        cosines = examples.vectors @ asked.vectors[place]
        near = [int(row) for row in np.argsort(-cosines)[:50] if cosines[row] >= threshold]
        if asked is examples:
            near = [row for row in near if row != place]
        bare += bool(near) and near[0] not in asked.same[place]
        own = traits(text)
        winner = next((row for row in near if difference(own, traits(examples.texts[row])) is None), None)
        right += winner is not None and winner in asked.same[place]
        wrong += winner is not None and winner not in asked.same[place]
    return right / len(asked.texts), wrong / len(asked.texts), bare / len(asked.texts)


def print_rates(name: str, asked: Questions, examples: Questions) -> None:
    """A row per threshold."""
    print(f"\n{name}: {len(asked.texts)} questions against {len(examples.texts)} corrections with one example each")
    print("threshold  right  wrong  wrong by cosine alone")
    for threshold in THRESHOLDS:
        right, wrong, bare = rates(asked, examples, threshold)
        chosen = " <- default" if threshold == DEFAULT_THRESHOLD else ""
        print(f"{threshold:9.2f}  {right:5.3f}  {wrong:5.3f}  {bare:5.3f}{chosen}")


async def shop(embedder: Embedder) -> tuple[Questions, Questions]:
    """The paraphrases, and the golden questions."""
    goldens, paraphrases = read_shop()
    ids = list(goldens)
    asked = [(ids.index(name), text) for name, texts in paraphrases.items() for text in texts]
    texts = [text for _, text in asked]
    examples = Questions(list(goldens.values()), await embedded(embedder, list(goldens.values())), [])
    return Questions(texts, await embedded(embedder, texts), [{at} for at, _ in asked]), examples


def read_shop() -> tuple[dict[str, str], dict[str, list[str]]]:
    """The golden questions, and each in other words, by id."""
    goldens = {each["id"]: each["question"] for each in yaml.safe_load(GOLDENS.read_text())["questions"]}
    return goldens, yaml.safe_load(PARAPHRASES.read_text())


async def xquad(embedder: Embedder, folder: Path) -> Questions:
    """XQuAD's questions; two have the same answer when the spans that answer them meet."""
    records = [json.loads(line) for line in (folder / "queries.jsonl").read_text().splitlines()]
    texts = [record["text"] for record in records]
    by_document: dict[str, list[int]] = {}
    for place, record in enumerate(records):
        by_document.setdefault(record["metadata"]["doc"], []).append(place)
    same = [
        {other for other in by_document[record["metadata"]["doc"]] if _meet(record, records[other])}
        for record in records
    ]
    return Questions(texts, await embedded(embedder, texts), same)


def _meet(one: dict[str, Any], other: dict[str, Any]) -> bool:
    return any(
        a["start"] < b["start"] + len(b["text"]) and b["start"] < a["start"] + len(a["text"])
        for a in one["metadata"]["answers"]
        for b in other["metadata"]["answers"]
    )


def shelf(questions: Questions, share_of_patterns: float) -> CorrectionShelf:
    """A thousand corrections made of these questions."""
    rules: dict[str, Rule] = {}
    vectors: dict[str, Vectors] = {}
    for number in range(CORRECTIONS):
        text, name = questions.texts[number % len(questions.texts)], f"c{number}"
        by_pattern = number < CORRECTIONS * share_of_patterns
        match = PatternMatch(f"* {text[:200]} *") if by_pattern else MeaningMatch((text,), DEFAULT_THRESHOLD)
        content = CorrectionContent(match, "Yes.", (), "Support", "", None)
        rules[name] = Rule.of(StoredCorrection("shop", name, 1, content, "", "", "", None))
        if not by_pattern:
            vectors[name] = questions.vectors[[number % len(questions.texts)]]
    made = CorrectionShelf(rules)
    if vectors:
        made.learn("space", vectors)
    return made


def print_times(questions: Questions, asked: Questions) -> None:
    """Milliseconds until the winner is known."""
    for label, share in (("by meaning", 0.0), ("by pattern", 1.0), ("half and half", 0.5)):
        held = shelf(questions, share)
        times = []
        for text, vector in zip(asked.texts, asked.vectors, strict=True):
            started = time.perf_counter()
            next((match for match in held.matches(text, vector, "space", now=0.0) if match.refused is None), None)
            times.append((time.perf_counter() - started) * 1e3)
        print(
            f"{CORRECTIONS} corrections {label}: p50 {statistics.median(times):.3f} ms, "
            f"p95 {statistics.quantiles(times, n=20)[-1]:.3f} ms"
        )


async def main(folder: Path | None) -> None:
    """Print everything."""
    with tempfile.TemporaryDirectory() as data:
        embedder = build_embedder(RagSettings(data_dir=Path(data)), Metrics("benchmark"))
        await embedder.start()
        try:
            asked, goldens = await shop(embedder)
            print_rates("Sample shop", asked, goldens)
            if folder is not None:
                others = await xquad(embedder, folder)
                print_rates("XQuAD", others, others)
                goldens = others
            print()
            print_times(goldens, asked)
            started = time.perf_counter()
            for text in asked.texts[:50]:
                await embedder.embed([f"{text} please"])
            print(f"embedding a question: {(time.perf_counter() - started) / 50 * 1e3:.2f} ms in the mean")
        finally:
            await embedder.close()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--xquad", type=Path, help="folder of XQuAD in BEIR's layout")
    asyncio.run(main(parser.parse_args().xquad))
