"""What a lane does beside its texts: shapes that it has had before they come, and a processor left to others."""

from __future__ import annotations

import asyncio
import os
import sys
import threading
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import pytest

from tests.fakes.encoder import FakeEncoder, ModelFailed, encoder_space, expected_vectors, word_tokenizer
from tests.fakes.waiting import until
from tillhand_common.metrics import Metrics
from tillhand_rag.adapters.embedding.encoder import Run, TokenIds
from tillhand_rag.adapters.embedding.lane import Lane
from tillhand_rag.adapters.embedding.metrics import EmbeddingMetrics
from tillhand_rag.adapters.embedding.model import ModelEmbedder
from tillhand_rag.ports.embedding import Vectors

LEAST_PRIORITY = 19
REHEARSED = [(2, 4), (3, 4), (4, 4)]


class Stage:
    """A model that stops in its first batch until it may go on, and may fail in those of two texts."""

    def __init__(self, *, failing: bool = False) -> None:
        self.shapes: list[tuple[int, ...]] = []
        self.priorities: list[int] = []
        self.entered = threading.Event()
        self.may = threading.Event()
        self._failing = failing

    def open(self) -> Sequence[Run]:
        return [self._run]

    def _run(self, ids: TokenIds, mask: TokenIds) -> Vectors:
        self.shapes.append(ids.shape)
        self.priorities.append(os.getpriority(os.PRIO_PROCESS, threading.get_native_id()))
        self.entered.set()
        assert self.may.wait(10), "the test never let it go on"
        if self._failing and len(ids) == REHEARSED[0][0]:
            raise ModelFailed("this shape is beyond it")
        return expected_vectors(ids, mask)


@asynccontextmanager
async def lane(stage: Stage, *, patient: bool = False) -> AsyncIterator[Lane]:
    rehearsals = () if patient else REHEARSED
    opened = Lane(stage.open, batch_tokens=512, max_tokens=64, pad=0, rehearsals=rehearsals, patient=patient)
    try:
        yield opened
    finally:
        stage.may.set()
        await opened.close()


async def asked(opened: Lane, text: str = "w1") -> int:
    """Put one text through; the length of its vector."""
    [row] = await opened.run([word_tokenizer().encode([text])[0].ids])
    return len(row)


async def test_shapes_are_rehearsed_while_nothing_waits_and_a_question_goes_before_the_next() -> None:
    stage = Stage()
    async with lane(stage) as opened, asyncio.timeout(10):
        await opened.open()
        await asyncio.to_thread(stage.entered.wait, 10)
        question = asyncio.create_task(asked(opened))
        await asyncio.sleep(0)
        stage.may.set()
        await question
        await until(lambda: len(stage.shapes) == 1 + len(REHEARSED))
    assert stage.shapes == [REHEARSED[0], (1, 4), *REHEARSED[1:]]


async def test_a_rehearsal_that_fails_is_nobody_s_business() -> None:
    stage = Stage(failing=True)
    stage.may.set()
    async with lane(stage) as opened, asyncio.timeout(10):
        await opened.open()
        await until(lambda: len(stage.shapes) == len(REHEARSED))
        assert await asked(opened) > 0


async def test_a_lane_closes_in_the_middle_of_its_rehearsals() -> None:
    stage = Stage()
    async with asyncio.timeout(10):
        async with lane(stage) as opened:
            await opened.open()
            await asyncio.to_thread(stage.entered.wait, 10)
    assert stage.shapes == REHEARSED[:1]


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="threads have priorities of their own on Linux")
async def test_patient_work_leaves_the_processor_to_others() -> None:
    here, stages = os.getpriority(os.PRIO_PROCESS, threading.get_native_id()), []
    for patient in (True, False):
        stage = Stage()
        stage.may.set()
        async with lane(stage, patient=patient) as opened, asyncio.timeout(10):
            await asked(opened)
        stages.append(stage.priorities[0])
    assert stages == [min(here + 10, LEAST_PRIORITY), here]


@pytest.mark.parametrize(("compiles", "most"), [(True, 8), (False, 1)])
async def test_only_a_model_that_compiles_shapes_rehearses_those_of_a_crowd(compiles: bool, most: int) -> None:
    encoder = FakeEncoder()
    encoder.compiles_shapes = compiles
    embedder = ModelEmbedder(encoder, word_tokenizer(), encoder_space(), EmbeddingMetrics(Metrics("test")))
    await embedder.start()
    shapes = encoder.batches["interactive"]
    async with asyncio.timeout(10):
        await until(lambda: max(rows for rows, _ in shapes) >= most)
        await embedder.embed(["w1"])
    await embedder.close()
    assert max(rows for rows, _ in shapes) == most
