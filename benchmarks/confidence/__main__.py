"""How often an answer is given where the sources hold one, and declined where they do not.

    python -m benchmarks.confidence --xquad ../shared/data/retrieval/xquad-en
    python -m benchmarks.confidence --xquad … --fit      # the coefficients of domain/belief.py anew, from the even half
    python -m benchmarks.confidence --xquad … --part even --failures

`refused`: of the questions that can be answered, the share that was not. `@1` and `@3`: the share whose answer stands
in the first sentence, or one of the first three; a refused one is a miss. `declined`: of the questions that cannot be
answered, the share that was not; `taken away` are those whose answer was hidden, `elsewhere` those put to documents
about something else. The odd half is what counts: nothing was fitted on it.
"""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Final, get_args

import numpy as np

from benchmarks.confidence.asked import Group, Part, Read, read_all
from benchmarks.confidence.fitting import beliefs, fit_confidence, fit_logits
from tillhand_common.metrics import Metrics
from tillhand_common.settings import load
from tillhand_rag.adapters.embedding import EmbedderPool, model_builder
from tillhand_rag.adapters.prometheus import PrometheusObserver
from tillhand_rag.app import open_knowledge_base
from tillhand_rag.domain.answers import THRESHOLD
from tillhand_rag.domain.belief import confidence
from tillhand_rag.settings import RagSettings

THRESHOLDS: Final = (0.08, 0.1, 0.12, 0.14, 0.16, 0.18, 0.2, 0.25, 0.3)
PARTS: Final = get_args(Part)


async def main() -> None:
    """Print the figures of one half or both, or fit."""
    options = _options()
    settings = load(RagSettings)
    settings = settings.model_copy(update={"data_dir": settings.data_dir / "confidence"})
    metrics = Metrics("confidence")
    pool = EmbedderPool(model_builder(settings.of_model, metrics))
    async with open_knowledge_base(settings, pool, PrometheusObserver(metrics)) as base:
        reads = [read async for read in read_all(base, options.xquad)]
    if options.fit:
        even = [read for read in reads if read.put.part == "even"]
        print("LOGITS and COSINE:", fit_logits(even))
        print("CONFIDENCE:", fit_confidence(even))
        return
    for part in [options.part] if options.part else PARTS:
        chosen = [read for read in reads if read.put.part == part]
        _print(part, chosen)
        if options.failures:
            _print_failures(chosen, options.threshold)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--xquad", type=Path, help="The BEIR folder of XQuAD-en.")
    parser.add_argument("--part", choices=PARTS)
    parser.add_argument("--fit", action="store_true", help="Print the coefficients as the even half fits them.")
    parser.add_argument("--failures", action="store_true", help="Show each question that was judged wrongly.")
    parser.add_argument("--threshold", type=float, default=THRESHOLD, help="The one that failures are shown of.")
    return parser.parse_args()


def sure(read: Read) -> float:
    """How sure the answer to a question is."""
    if not read.candidates:
        return 0.0
    place = int(np.argmax(beliefs(read)))
    return confidence(read.candidates[place].cues, cosine=float(read.cosines[place]))


def _is_quoted(read: Read, places: int) -> bool:
    if not read.candidates:
        return False
    return bool(read.right[np.argsort(-beliefs(read), kind="stable")[:places]].any())


def _print(part: Part, reads: Sequence[Read]) -> None:
    print(f"\n{part} half; the threshold is {THRESHOLD}")
    print(f"{'':10}{'threshold':>10}{'answerable':>12}{'refused':>9}{'@1':>8}{'@3':>8}{'':4}", end="")
    print(f"{'unanswerable':>13}{'declined':>9}{'taken away':>12}{'elsewhere':>11}")
    for group in get_args(Group):
        asked = [(read, sure(read)) for read in reads if read.put.group == group]
        for threshold in THRESHOLDS if asked else ():
            _print_row(group, threshold, asked)


def _print_row(group: Group, threshold: float, asked: Sequence[tuple[Read, float]]) -> None:
    known = [(read, each >= threshold) for read, each in asked if read.answerable]
    none = [each < threshold for read, each in asked if read.way == "asked" and not read.put.answerable]
    hidden, foreign = (
        [each < threshold for read, each in asked if read.way == way] for way in ("taken away", "elsewhere")
    )
    first, third = ([given and _is_quoted(read, places) for read, given in known] for places in (1, 3))
    print(f"{group:10}{threshold:10.2f}{len(known):12}{1 - _share([given for _, given in known]):9.3f}", end="")
    print(f"{_share(first):8.3f}{_share(third):8.3f}{'':4}{len(none):13}", end="")
    print(f"{_share(none):9.3f}{_share(hidden):12.3f}{_share(foreign):11.3f}{'  <-' if threshold == THRESHOLD else ''}")


def _share(held: Sequence[bool]) -> float:
    return sum(held) / len(held) if held else float("nan")


def _print_failures(reads: Sequence[Read], threshold: float) -> None:
    for read in reads:
        if read.way == "asked" and (sure(read) >= threshold) != read.put.answerable:
            print(f"{'refused' if read.put.answerable else 'answered':9}{sure(read):5.2f}  {read.put.text}")


if __name__ == "__main__":
    asyncio.run(main())
