"""Attacks and documents that nobody here wrote: the share that is flagged stays near what the documentation says."""

from __future__ import annotations

import random
from statistics import fmean

import pytest

from benchmarks.injection.data import SAMPLES, Passage, Passages, attacks
from benchmarks.injection.planting import POSITIONS, plant
from tests.fakes.files import SHARED
from tillhand_rag.adapters.embedding.model_files import ModelMissing
from tillhand_rag.domain.injection import suspicious_spans

BIPIA = SHARED / "retrieval/bipia"
COMMERCE = SHARED / "documents/commerce"
EVERY = 20
"""One file in so many is read."""

pytestmark = [
    pytest.mark.shared,
    pytest.mark.skipif(not BIPIA.is_dir(), reason="the data for development is not there"),
]


@pytest.fixture(scope="module")
def passages() -> Passages:
    try:
        return Passages()
    except ModelMissing as missing:
        pytest.skip(str(missing))


@pytest.fixture(scope="module")
def manuals(passages: Passages) -> list[Passage]:
    return passages.of_folder(COMMERCE, "reported", every=EVERY)


def found(kind: str, hosts: list[Passage]) -> float:
    """The share of the test attacks that are flagged, each planted once at every position."""
    chance = random.Random(1)  # noqa: S311  # no secret: the same passages each time
    chosen = attacks(BIPIA, "text" if kind == "text" else "code", "reported")
    planted = [plant(attack, chance.choice(hosts), position, chance) for attack in chosen for position in POSITIONS]
    return fmean(each.found(suspicious_spans(*each.passage)) for each in planted)


def test_planted_instructions_are_flagged(passages: Passages, manuals: list[Passage]) -> None:
    assert found("text", passages.of_contexts(BIPIA, "email", "reported")) >= 0.9
    assert found("text", manuals) >= 0.85
    assert found("code", manuals) >= 0.94


def test_harmless_passages_are_not_flagged(passages: Passages, manuals: list[Passage]) -> None:
    assert len(manuals) > 100
    assert fmean(bool(suspicious_spans(*passage)) for passage in manuals) <= 0.015
    assert fmean(bool(suspicious_spans(*passage)) for passage in passages.of_folder(SAMPLES)) <= 0.01
