"""Planted instructions that are flagged, and harmless passages that are, with what it costs.

    python -m benchmarks.injection --data ../shared/data/retrieval/bipia --documents ../shared/data/documents/commerce

The attacks are BIPIA's test attacks: of other categories than those that the weights were fitted on (one name is in
both, for different things). Those on text go into passages of e-mails, tables, encyclopedia articles (XQuAD's, from the
folder beside BIPIA's, in place of the news that BIPIA names without holding them) and manuals; those on code into
answers about code and manuals. An attack counts as flagged when a span lies on it. Harmless passages are those of the
half of the files that nothing was fitted on.
"""

from __future__ import annotations

import argparse
import base64
import random
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from statistics import fmean

from benchmarks.injection.data import SAMPLES, Attack, Passage, Passages, attacks, harmless
from benchmarks.injection.planting import POSITIONS, Planted, plant
from tillhand_rag.domain.injection import THRESHOLD, suspicious_spans

CURVE = (0.05, 0.2, THRESHOLD, 0.8, 0.95)
TIMES = 3
"""Passages of each kind that an attack is planted into, for each position."""
SEED = 11
TIMED = 2_000

Hosts = Mapping[str, Sequence[Passage]]


def hosts(passages: Passages, bipia: Path, documents: Path) -> Hosts:
    """Passages to plant attacks into, by what they are of."""
    return {
        "e-mails": passages.of_contexts(bipia, "email", "reported"),
        "tables": passages.of_contexts(bipia, "table", "reported"),
        "articles": passages.of_beir(bipia.parent / "xquad-en", "reported"),
        "code": passages.of_contexts(bipia, "code", "reported"),
        "manuals": passages.of_folder(documents, "reported"),
    }


def planted(chosen: Sequence[Attack], where: Hosts) -> Iterator[tuple[str, Planted]]:
    """Every attack in some passages of every kind, at every position."""
    chance = random.Random(SEED)  # noqa: S311  # no secret: the same passages each time
    for attack in chosen:
        for kind, some in where.items():
            for position in POSITIONS:
                for _ in range(TIMES):
                    yield kind, plant(attack, chance.choice(some), position, chance)


def encoded(attack: Attack) -> Attack:
    """The attack as BIPIA's stealth writes it."""
    return attack._replace(text=base64.b64encode(attack.text.encode()).decode())


def is_flagged(each: Planted, threshold: float = THRESHOLD) -> bool:
    return each.found(suspicious_spans(*each.passage, threshold=threshold))


def found_share(everything: Sequence[Planted], threshold: float = THRESHOLD) -> float:
    """The share of attacks that are flagged."""
    return fmean(is_flagged(each, threshold) for each in everything)


def flagged_share(passages: Sequence[Passage], threshold: float = THRESHOLD) -> float:
    """The share of passages with a suspicious span."""
    return fmean(bool(suspicious_spans(*passage, threshold=threshold)) for passage in passages)


def by(key: Callable[[str, Planted], str], everything: Sequence[tuple[str, Planted]]) -> dict[str, float]:
    """The share of flagged attacks for each value of the key."""
    groups: defaultdict[str, list[bool]] = defaultdict(list)
    for kind, each in everything:
        groups[key(kind, each)].append(is_flagged(each))
    return {name: fmean(found) for name, found in groups.items()}


def table(title: str, rows: Mapping[str, float]) -> None:
    print(f"\n{title}")
    for name, share in rows.items():
        print(f"  {name:<56}{share:>8.1%}")


def curve(sets: Mapping[str, Callable[[float], float]]) -> None:
    """The shares at several thresholds of the model; phrases and carriers have none."""
    print(f"\n{'threshold':<58}" + "".join(f"{threshold:>8}" for threshold in CURVE))
    for name, measure in sets.items():
        print(f"  {name:<56}" + "".join(f"{measure(threshold):>8.1%}" for threshold in CURVE), flush=True)


def cost_us(passages: Sequence[Passage]) -> float:
    """Microseconds of processor time for a passage, in the mean."""
    started = time.process_time()
    for passage in passages:
        suspicious_spans(*passage)
    return (time.process_time() - started) / len(passages) * 1e6


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="BIPIA's folder; xquad-en and scifact lie beside it")
    parser.add_argument("--documents", type=Path, required=True, help="a folder of manuals")
    given = parser.parse_args()
    bipia: Path = given.data
    passages = Passages()
    where = hosts(passages, bipia, given.documents)
    text_attacks, code_attacks = attacks(bipia, "text", "reported"), attacks(bipia, "code", "reported")
    prose = {kind: where[kind] for kind in ("e-mails", "tables", "articles", "manuals")}
    texts = list(planted(text_attacks, prose))
    codes = list(planted(code_attacks, {kind: where[kind] for kind in ("code", "manuals")}))
    stealthy = list(planted([encoded(attack) for attack in text_attacks], prose))
    table("attacks on text, flagged by category", by(lambda _, each: each.attack.category, texts))
    table("by where they are planted", by(lambda kind, _: kind, texts))
    table("by position", by(lambda _, each: each.position, texts))
    table("attacks on code, flagged by category", by(lambda _, each: each.attack.category, codes))
    table("in all", {**by(lambda *_: "attacks on text", texts), **by(lambda *_: "attacks on code", codes),
                     **by(lambda *_: "attacks on text, in base64", stealthy)})  # fmt: skip
    clean: dict[str, Sequence[Passage]] = {
        "manuals of shop systems": where["manuals"],
        "sample shop": passages.of_folder(SAMPLES),
        "articles (XQuAD)": where["articles"],
        "abstracts (SciFact)": passages.of_beir(bipia.parent / "scifact", "reported"),
        "e-mails (BIPIA)": where["e-mails"],
        "tables (BIPIA)": where["tables"],
        "answers about code (BIPIA)": where["code"],
        "questions and orders to customers (fitted)": harmless(),
    }
    table("harmless passages, flagged", {f"{name}: {len(some)}": flagged_share(some) for name, some in clean.items()})
    curve({
        "attacks on text": partial(found_share, [each for _, each in texts]),
        "attacks on code": partial(found_share, [each for _, each in codes]),
        **{name: partial(flagged_share, some) for name, some in list(clean.items())[:4]},
    })  # fmt: skip
    print(f"\n{cost_us(where['manuals'][:TIMED]):.0f} µs for a passage")


if __name__ == "__main__":
    main()
