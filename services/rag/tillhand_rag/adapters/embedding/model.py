"""The model as an embedder: two lanes, so that a question never waits for a folder that is being ingested."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from typing import Final

import numpy as np

from tillhand_rag.adapters.embedding.encoder import Encoder, Run
from tillhand_rag.adapters.embedding.lane import Lane, Row
from tillhand_rag.adapters.embedding.metrics import EmbeddingMetrics
from tillhand_rag.adapters.embedding.tokenizer import ModelTokenizer, Tokenized
from tillhand_rag.ports.embedding import EmbeddingSpace, Vectors

INTERACTIVE_TOKENS: Final = 512
"""Padded tokens in one batch of questions or sentences: some 30 ms of work at most before the next one starts."""

BULK_TOKENS: Final = 1024
"""Padded tokens in one batch of passages; larger ones measured no faster and hold more memory."""

BULK_IDLE_S: Final = 5.0
"""Without passages for this long, their lane's memory, 90 to 200 MB, is given back; loading it again takes .2 s."""

_INTERACTIVE_TEXTS: Final = 128
_INTERACTIVE_CHARACTERS: Final = 280  # on average: questions and sentences are shorter, passages longer
_TOKENIZED_AT_ONCE: Final = 1_000  # characters; more than these are tokenized off the event loop
_SLICE: Final = 256
_WARM_LENGTHS: Final = range(4, 36, 4)
_CROWDS: Final = [(texts, tokens) for texts in range(2, 9) for tokens in (*_WARM_LENGTHS, 40, 48)]
"""Questions that come together: a shape that is new takes some 15 ms longer, so the usual ones are had before."""


class ModelEmbedder:
    """An `Embedder` over an encoder, with a lane for questions and one for whatever takes longer.

    What a caller marks as bulk takes the second one, as do long texts and large calls.
    """

    def __init__(
        self,
        encoder: Encoder,
        tokenizer: ModelTokenizer,
        space: EmbeddingSpace,
        metrics: EmbeddingMetrics,
        *,
        bulk_idle_s: float = BULK_IDLE_S,
    ) -> None:
        self.space = space
        self.tokenizer = tokenizer
        self._metrics = metrics
        max_tokens, pad = space.max_tokens, tokenizer.pad
        self._interactive = Lane(
            lambda: [_warmed(encoder.open_interactive())],
            batch_tokens=INTERACTIVE_TOKENS,
            max_tokens=max_tokens,
            pad=pad,
            rehearsals=_CROWDS if encoder.compiles_shapes else (),
        )
        self._bulk = Lane(
            encoder.open_bulk,
            batch_tokens=BULK_TOKENS,
            max_tokens=max_tokens,
            pad=pad,
            idle_s=bulk_idle_s,
            patient=True,
        )

    async def start(self) -> None:
        """Load the model for questions; passages load theirs when the first ones come."""
        await self._interactive.open()

    async def close(self) -> None:
        """Refuse what waits and let the running batches end."""
        await asyncio.gather(self._interactive.close(), self._bulk.close())

    async def embed(self, texts: Sequence[str], *, bulk: bool = False) -> Vectors:
        """One unit vector per text, in order. Raises `EmbedderUnavailable`."""
        if not texts:
            return np.empty((0, self.space.dimension), dtype=np.float32)
        started = time.perf_counter()
        interactive = not bulk and _interactive(texts)
        lane = self._interactive if interactive else self._bulk
        rows = await self._embed(lane, texts)
        self._metrics.seconds["interactive" if interactive else "bulk"].observe(time.perf_counter() - started)
        return np.stack(rows)

    async def forget(self, texts: Sequence[str]) -> None:
        """The model keeps no vector."""

    async def _embed(self, lane: Lane, texts: Sequence[str]) -> list[Row]:
        if len(texts) <= _SLICE:
            return await self._slice(lane, texts)
        try:
            async with asyncio.TaskGroup() as group:
                slices = [
                    group.create_task(self._slice(lane, texts[start : start + _SLICE]))
                    for start in range(0, len(texts), _SLICE)
                ]
        except ExceptionGroup as failures:
            raise failures.exceptions[0] from failures
        return [row for part in slices for row in part.result()]

    async def _slice(self, lane: Lane, texts: Sequence[str]) -> list[Row]:
        tokenized = await self._tokenize(texts)
        self._metrics.texts.inc(len(texts))
        self._metrics.tokens.inc(sum(len(text.ids) for text in tokenized))
        self._metrics.truncated.inc(sum(text.cut for text in tokenized))
        return await lane.run([text.ids for text in tokenized])

    async def _tokenize(self, texts: Sequence[str]) -> list[Tokenized]:
        if sum(map(len, texts)) <= _TOKENIZED_AT_ONCE:
            return self.tokenizer.encode(texts)
        return await asyncio.to_thread(self.tokenizer.encode, texts)


def _interactive(texts: Sequence[str]) -> bool:
    return len(texts) <= _INTERACTIVE_TEXTS and sum(map(len, texts)) <= _INTERACTIVE_CHARACTERS * len(texts)


def _warmed(run: Run) -> Run:
    """Have the kernels of the usual question lengths compiled before the first question."""
    for length in _WARM_LENGTHS:
        ones = np.ones((1, length), dtype=np.int64)
        run(ones, ones)
    return run
