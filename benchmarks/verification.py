"""What the verification of written sentences lets through: on the golden questions of the sample shop.

    python benchmarks/verification.py            # the half that is reported (ids that hash odd)
    python benchmarks/verification.py --part even --failures

Each sentence is said with the source that answers the question as [1] and the next passages found as [2] to [5].
`quoted`: the stored sentences themselves. `reworded`: what a model might say instead (verification.yaml). Both must
pass. Everything else must fail: a figure changed, the sentence denied, a sentence of another passage cited as this
one's (a few of which this one says as well), a name of another passage put in, and what verification.yaml says wrongly.
"""

from __future__ import annotations

import argparse
import asyncio
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import yaml

from tillhand_common.metrics import Metrics
from tillhand_common.settings import load
from tillhand_rag.adapters.embedding import EmbedderPool, model_builder
from tillhand_rag.adapters.goldens import load_goldens
from tillhand_rag.adapters.prometheus import PrometheusObserver
from tillhand_rag.app import KnowledgeBase, open_knowledge_base
from tillhand_rag.commands.evaluating import asking, ingest_all, uploads_below
from tillhand_rag.domain.evaluation import part_of
from tillhand_rag.domain.figures import figures
from tillhand_rag.domain.generated import Drafted
from tillhand_rag.domain.goldens import LAST_QUOTE, GoldenQuestion
from tillhand_rag.domain.literals import names_of
from tillhand_rag.domain.polarity import negated
from tillhand_rag.domain.support import Ground, examine, settled
from tillhand_rag.domain.words import stem_set
from tillhand_rag.ports.embedding import Embedder
from tillhand_rag.service.evaluating import COLLECTION
from tillhand_rag.settings import RagSettings

SHOP: Final = Path(__file__).parent.parent / "samples" / "goldens.yaml"
WRITTEN: Final = Path(__file__).with_suffix(".yaml")
MUST_PASS: Final = ("quoted", "reworded")
_MODAL = re.compile(r"\b(is|are|was|were|can|may|must|will|should|has|have|does|do)\b")
_NEGATOR = re.compile(r"\b(?:not |never |cannot\b)", re.IGNORECASE)
_DIGIT = re.compile(r"\d")


@dataclass(frozen=True, slots=True)
class Case:
    """A sentence said to be in source 1, and whether it is; `kind` tells how it was made."""

    golden: GoldenQuestion
    kind: str
    text: str
    grounds: dict[int, Ground]


async def main() -> None:
    """Print, for each kind of sentence, how many passed as supported."""
    options = _options()
    settings = load(RagSettings)
    settings = settings.model_copy(update={"data_dir": settings.data_dir / "verification"})
    metrics = Metrics("verification")
    pool = EmbedderPool(model_builder(settings.of_model, metrics))
    goldens = [each for each in load_goldens(SHOP) if each.answerable and options.part in {"all", part_of(each.id)}]
    async with open_knowledge_base(settings, pool, PrometheusObserver(metrics)) as base:
        embedder = base.indexes.of(COLLECTION).embedder
        await ingest_all(base, uploads_below(SHOP.parent), lambda _: None)
        cases = [case for golden in goldens for case in await _cases(base, golden)]
        passed: defaultdict[str, list[bool]] = defaultdict(list)
        for case in cases:
            verdict = await _judge(case, embedder)
            passed[case.kind].append(verdict == "supported")
            if options.failures and (verdict == "supported") != (case.kind in MUST_PASS):
                print(f"{case.kind:10} {verdict:10} {case.golden.id}: {case.text}")
    print(f"{'kind':18}{'sentences':>10}{'passed':>8}{'share':>8}   must")
    for kind, outcomes in passed.items():
        share = sum(outcomes) / len(outcomes)
        print(f"{kind:18}{len(outcomes):10}{sum(outcomes):8}{share:8.1%}   {'pass' if kind in MUST_PASS else 'fail'}")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--part", choices=("all", "even", "odd"), default="odd")
    parser.add_argument("--failures", action="store_true", help="Show each sentence that was judged wrongly.")
    return parser.parse_args()


async def _cases(base: KnowledgeBase, golden: GoldenQuestion) -> list[Case]:
    """The sentences to judge for one golden question; none where no passage found answers it."""
    query = asking(base).query(golden)
    found = (await base.search.search(query)).passages
    chunks = [passage.chunk for passage in found]
    right = next((c for c in chunks if any(_flat(quote) in _flat(c.text) for quote in golden.quotes)), None)
    if right is None:
        return []
    ordered = [right, *(chunk for chunk in chunks if chunk is not right)][:5]
    grounds = {number: Ground.of(number, c.text, c.context) for number, c in enumerate(ordered, 1)}
    stored = [f.text for f in grounds[1].facts if not f.parts and any(_flat(q) in _flat(f.text) for q in golden.quotes)]
    quotes = (await base.answering.answer(query, max_citations=LAST_QUOTE)).citations
    stored += [f.text for f in grounds[1].facts if not f.parts and any(f.text in cited.quote for cited in quotes)]
    said = [(kind, text) for sentence in dict.fromkeys(stored) for kind, text in _said(sentence, grounds)]
    written = yaml.safe_load(WRITTEN.read_text(encoding="utf-8")).get(golden.id, {})
    said += [(kind, written[key]) for kind, key in (("reworded", "so"), ("said wrongly", "not")) if key in written]
    return [Case(golden, kind, text, grounds) for kind, text in said]


def _said(sentence: str, grounds: dict[int, Ground]) -> Iterator[tuple[str, str]]:
    """A stored sentence, and what can be made of it."""
    yield "quoted", sentence
    yield from (("figure changed", changed) for changed in _figures_changed(sentence))
    if denied := _denied(sentence):
        yield "denied", denied
    others = [fact.text for number, ground in grounds.items() if number > 1 for fact in ground.facts if not fact.parts]
    known = stem_set(" ".join(f"{fact.text} {fact.context} {fact.heading}" for fact in grounds[1].facts))
    if other := next((text for text in others if figures(text) and not stem_set(text) <= known), None):
        yield "another's sentence", other
    if renamed := _renamed(sentence, others, known):
        yield "another's name", renamed


def _figures_changed(sentence: str) -> Iterator[str]:
    """The sentence with one digit of a figure replaced, for the first figures of it."""
    for figure in figures(sentence)[:2]:
        digit = _DIGIT.match(sentence, figure.start)
        if digit:
            other = str((int(digit.group()) + 3) % 9 + 1)
            yield f"{sentence[: figure.start]}{other}{sentence[figure.start + 1 :]}"


def _denied(sentence: str) -> str | None:
    """The sentence with its polarity turned, where that takes one word."""
    if negated(sentence):
        changed = _NEGATOR.sub(lambda match: "can" if match.group().lower() == "cannot" else "", sentence, count=1)
        return changed if not negated(changed) else None
    return _MODAL.sub(r"\1 not", sentence, count=1) if _MODAL.search(sentence) else None


def _renamed(sentence: str, others: Sequence[str], known: frozenset[str]) -> str | None:
    """The sentence with one of its names replaced by one that another passage has and this one has not."""
    words = re.findall(r"[A-Za-z][\w-]*", sentence)
    ours = [word for word in words[1:] if word[0].isupper() and names_of(f"x {word}")]
    theirs = [
        w
        for t in others
        for w in re.findall(r"[A-Z][\w-]+", t)[1:]
        if not set(names_of(f"x {w}")) & known and names_of(f"x {w}")
    ]
    return re.sub(rf"\b{re.escape(ours[0])}\b", theirs[0], sentence, count=1) if ours and theirs else None


async def _judge(case: Case, embedder: Embedder) -> str:
    verdict = examine(Drafted(case.text, " ", (1,)), case.grounds, case.golden.question)
    cosines = []
    for support in verdict.doubtful:
        said, *stored = await embedder.embed([support.said, *support.fact.texts])
        cosines.append(max(float(said @ each) for each in stored))
    return settled(verdict, cosines).reason


def _flat(text: str) -> str:
    return " ".join(text.split())


if __name__ == "__main__":
    asyncio.run(main())
