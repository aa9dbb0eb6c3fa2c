"""Fits the weights of the linear model, and writes them where the domain has them.

    python -m benchmarks.injection.train --data ../shared/data/retrieval --documents ../shared/data/documents/commerce

One logistic regression for each form of request, over the sentences of that form (L2 penalty, Newton's method). On the
one side BIPIA's attacks to train on, planted into passages; on the other the sentences of passages without attacks,
from the half of the files that is not reported, and of harmless.txt, which count many times: a shop has more questions
and orders in its documents than a manual of its software. Attacks together weigh a twentieth of all else. The threshold
is the one that flags one passage of the shop systems' manuals in a hundred, by cross-validation: in five rounds a
fifth of the attack categories and of the passages is left out and scored. It is part of the bias.
"""

from __future__ import annotations

import argparse
import random
import zlib
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple, get_args

import numpy as np
from numpy.typing import NDArray

from benchmarks.injection.data import Attack, Passage, Passages, attacks, harmless
from benchmarks.injection.planting import POSITIONS, plant
from tillhand_rag.domain.injection.evidence import Request, requests
from tillhand_rag.domain.injection.openings import Form

WEIGHTS = Path(__file__).parents[2] / "services/rag/tillhand_rag/domain/injection/weights.py"
PENALTY = 0.1
HARMLESS_COUNTS = 60.0
ATTACKS_SHARE = 0.05
PLANTED = {"text": 30, "code": 15}
"""Passages that each attack is planted into."""
FLAGGED = 0.01
FOLDS = 5
SEED = 7
STEPS = 30
SMALLEST = 0.01

Weights = Mapping[Form, Mapping[str, float]]


class Example(NamedTuple):
    """What the model learns from: the requests of a passage, or the one that an attack makes."""

    source: str
    fold: int
    weight: float
    requests: Sequence[Request]


def benign(passages: Passages, data: Path, documents: Path) -> dict[str, list[Passage]]:
    """The passages without attacks to fit on, by where they come from."""
    return {
        "manual": passages.of_folder(documents, "fitted"),
        "encyclopedia": passages.of_beir(data / "xquad-en", "fitted"),
        "abstract": passages.of_beir(data / "scifact", "fitted"),
        "email": passages.of_contexts(data / "bipia", "email", "fitted"),
        "harmless": harmless(),
    }


def benign_examples(passages: Mapping[str, Sequence[Passage]]) -> Iterator[Example]:
    for source, some in passages.items():
        for text, context in some:
            fold = zlib.crc32(text.encode()) % FOLDS
            yield Example(source, fold, HARMLESS_COUNTS if source == "harmless" else 1.0, requests(text, context))


def attack_examples(bipia: Path, hosts: Mapping[str, Sequence[Passage]]) -> Iterator[Example]:
    """The first request of each attack, wherever it is planted; an attack without one teaches nothing."""
    chance = random.Random(SEED)  # noqa: S311  # no secret: the same examples each time
    for kind in ("text", "code"):
        chosen = attacks(bipia, kind, "fitted")
        categories = sorted({attack.category for attack in chosen})
        for attack in chosen:
            fold = categories.index(attack.category) % FOLDS
            for number in range(PLANTED[kind]):
                host = ("manual", "encyclopedia", "abstract", "email")[number % 4]
                yield Example(attack.category, fold, 1.0, _first(attack, chance.choice(hosts[host]), number, chance))


def _first(attack: Attack, host: Passage, number: int, chance: random.Random) -> Sequence[Request]:
    planted = plant(attack, host, POSITIONS[number // 4 % len(POSITIONS)], chance)
    found = requests(*planted.passage)
    return [each for each in found if each.start < planted.end and each.end > planted.start][:1]


def fit(attacked: Sequence[Example], harmless_ones: Sequence[Example]) -> dict[Form, dict[str, float]]:
    """The weights for each form, without a threshold in them."""
    share = ATTACKS_SHARE * sum(each.weight * len(each.requests) for each in harmless_ones) / len(attacked)
    rows: defaultdict[Form, list[tuple[Mapping[str, float], float, float]]] = defaultdict(list)
    for examples, label in ((attacked, 1.0), (harmless_ones, 0.0)):
        for example in examples:
            for request in example.requests:
                rows[request.form].append((request.evidence, label, share if label else example.weight))
    return {form: _regression(rows[form]) for form in get_args(Form)}


def _regression(rows: Sequence[tuple[Mapping[str, float], float, float]]) -> dict[str, float]:
    """Weighted logistic regression by Newton's method; the bias is not penalised."""
    names = sorted({name for evidence, _, _ in rows for name in evidence})
    place = {name: at for at, name in enumerate(names)}
    matrix = np.zeros((len(rows), len(names)))
    for at, (evidence, _, _) in enumerate(rows):
        for name, value in evidence.items():
            matrix[at, place[name]] = value
    labels, counts = (np.array([row[at] for row in rows], dtype=np.float64) for at in (1, 2))
    penalty = np.where(np.array(names) == "bias", 1e-6, PENALTY)
    weights = np.zeros(len(names))
    for _ in range(STEPS):
        believed = 1 / (1 + np.exp(-np.clip(matrix @ weights, -30, 30)))
        slope = matrix.T @ (counts * (believed - labels)) + penalty * weights
        curvature = (matrix.T * (counts * np.maximum(believed * (1 - believed), 1e-6))) @ matrix + np.diag(penalty)
        weights -= _bounded(np.linalg.solve(curvature, slope))
    return {name: float(weight) for name, weight in zip(names, weights, strict=True)}


def _bounded(step: NDArray[np.float64]) -> NDArray[np.float64]:
    """A step that is not too long to trust the curvature."""
    return step * min(1.0, 2.0 / max(float(np.abs(step).max()), 1e-12))


def logit(request: Request, weights: Weights) -> float:
    """What the weights say of a request."""
    return sum(weights[request.form].get(name, 0.0) * value for name, value in request.evidence.items())


def highest(example: Example, weights: Weights) -> float:
    """The highest logit of a passage."""
    return max((logit(each, weights) for each in example.requests), default=-np.inf)


def cross_validate(attacked: Sequence[Example], harmless_ones: Sequence[Example]) -> float:
    """Print what is flagged of what was left out; the threshold, as a logit."""
    left_out: defaultdict[str, list[float]] = defaultdict(list)
    for fold in range(FOLDS):
        weights = fit(*([each for each in some if each.fold != fold] for some in (attacked, harmless_ones)))
        for example in (*attacked, *harmless_ones):
            if example.fold == fold:
                left_out[example.source].append(highest(example, weights))
    threshold = float(np.quantile(left_out["manual"], 1 - FLAGGED))
    print(f"left out, threshold {threshold:.2f}:")
    for source, logits in left_out.items():
        print(f"  {source:<32}{len(logits):>7}{np.mean(np.array(logits) > threshold):>9.1%}")
    return threshold


def written(weights: Weights, threshold: float) -> str:
    """The module that holds the weights."""
    lines = [
        '"""Weights of the linear model, fitted by `python -m benchmarks.injection.train`: not edited by hand."""',
        "",
    ]
    lines += ["from __future__ import annotations", "", "from tillhand_rag.domain.injection.openings import Form", ""]
    lines += ["WEIGHTS: dict[Form, dict[str, float]] = {"]
    for form, named in weights.items():
        shifted = {name: weight - threshold * (name == "bias") for name, weight in named.items()}
        kept = [f'        "{name}": {weight:.2f},' for name, weight in shifted.items() if abs(weight) >= SMALLEST]
        lines += [f'    "{form}": {{', *kept, "    },"]
    return "\n".join([*lines, "}", ""])


def main() -> None:
    """Fit, print what cross-validation says, and write the weights."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="the folder that holds bipia, xquad-en and scifact")
    parser.add_argument("--documents", type=Path, required=True, help="a folder of manuals")
    given = parser.parse_args()
    hosts = benign(Passages(), given.data, given.documents)
    attacked = list(attack_examples(given.data / "bipia", hosts))
    harmless_ones = list(benign_examples(hosts))
    threshold = cross_validate(attacked, harmless_ones)
    WEIGHTS.write_text(written(fit(attacked, harmless_ones), threshold), encoding="utf-8")
    print(f"written to {WEIGHTS}")


if __name__ == "__main__":
    main()
