"""A cross-encoder by its sentence-transformers name or folder, on torch, which is imported when it is loaded.

One thread judges, one query after another; who would have to wait behind too many others goes without.
"""

from __future__ import annotations

import asyncio
import math
import warnings
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Final, Protocol, SupportsFloat

import structlog

from tillhand_rag.adapters.embedding.model_files import ModelMissing
from tillhand_rag.adapters.embedding.reference import reference_available
from tillhand_rag.ports.reranking import Judged, RerankerState, RerankingFailed

DEPTH: Final = 30
BATCH: Final = 16
"""Pairs in one batch: two for the default depth."""
MOST_WAITING: Final = 4
"""Queries that may wait for the one being judged; a later one keeps the order in which its passages were found."""


class Model(Protocol):
    """What is used of a `sentence_transformers.CrossEncoder`."""

    def predict(
        self, inputs: Sequence[tuple[str, str]], *, batch_size: int, show_progress_bar: bool
    ) -> Iterable[SupportsFloat]: ...


Load = Callable[[], Model]
_log: Final = structlog.get_logger(__name__)


class CrossEncoderReranker:
    """A `Reranker` that loads in the background: until it has, and when it cannot, searches go on without it."""

    def __init__(self, model: str | Path, *, threads: int, depth: int = DEPTH, load: Load | None = None) -> None:
        self.name = str(model)
        self.depth = depth
        self.state: RerankerState = "waiting"
        self._load_model = load or partial(load_cross_encoder, self.name, threads=threads)
        self._model: Model | None = None
        self._executor = ThreadPoolExecutor(max_workers=1, thread_name_prefix="rerank")
        self._loading: asyncio.Task[None] | None = None
        self._pending = 0

    async def start(self) -> None:
        """Begin to load the model; returns at once."""
        self._loading = asyncio.create_task(self._load())

    async def loaded(self) -> None:
        """Wait until the model is loaded, or known not to load."""
        if self._loading is not None:
            await asyncio.shield(self._loading)

    async def close(self) -> None:
        """Let go of the model, after the batch being judged."""
        if self._loading is not None:
            self._loading.cancel()
            await asyncio.gather(self._loading, return_exceptions=True)
        await asyncio.to_thread(self._executor.shutdown, wait=True, cancel_futures=True)

    async def rerank(self, query: str, passages: Sequence[Judged]) -> Sequence[float]:
        """How well each passage fits, as the model's own score. Raises `RerankingFailed`."""
        model = self._model
        if model is None:
            raise RerankingFailed(f"The model is {'still loading' if self.state == 'waiting' else 'not loaded'}.")
        if self._pending > MOST_WAITING:
            raise RerankingFailed("Too many queries wait already.")
        self._pending += 1
        try:
            pairs = [(query, passage.text) for passage in passages]
            scores = await asyncio.get_running_loop().run_in_executor(self._executor, _judge, model, pairs)
        except (RuntimeError, ValueError, IndexError, MemoryError) as error:
            self._turn("unavailable", str(error))
            raise RerankingFailed(str(error)) from error
        finally:
            self._pending -= 1
        if not all(map(math.isfinite, scores)):
            self._turn("unavailable", "a score is not finite")
            raise RerankingFailed("A score is not finite.")
        self._turn("ready")
        return scores

    async def _load(self) -> None:
        try:
            self._model = await asyncio.get_running_loop().run_in_executor(self._executor, self._load_model)
        except ModelMissing as missing:
            self._turn("unavailable", str(missing))
        else:
            self._turn("ready")

    def _turn(self, state: RerankerState, reason: str | None = None) -> None:
        """Remember the state, and say so when it is another."""
        if state == self.state:
            return
        self.state = state
        if state == "unavailable":
            _log.warning("reranker_unavailable", model=self.name, reason=reason)
        else:
            _log.info("reranker_ready", model=self.name)


def _judge(model: Model, pairs: Sequence[tuple[str, str]]) -> list[float]:
    return [float(score) for score in model.predict(pairs, batch_size=BATCH, show_progress_bar=False)] if pairs else []


def load_cross_encoder(name: str | Path, *, threads: int) -> Model:
    """Load a model that gives one score. Raises `ModelMissing`, saying what to install or where to look."""
    if not reference_available():
        raise ModelMissing(
            "This needs torch and sentence-transformers: install them with `pip install -r requirements/torch.txt`."
        )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the library's own deprecations are not the operator's business
        import sentence_transformers  # noqa: PLC0415  # see the module's docstring
        import torch  # noqa: PLC0415  # as above
        import transformers  # noqa: PLC0415  # as above

        transformers.utils.logging.disable_progress_bar()
        torch.set_num_threads(threads)
        try:
            model = sentence_transformers.CrossEncoder(str(name), device="cpu", local_files_only=Path(name).is_dir())
        except (OSError, ValueError) as error:
            raise ModelMissing(f"The model {name} cannot be loaded: {error}") from error
    if model.config.num_labels != 1:
        raise ModelMissing(f"The model {name} gives {model.config.num_labels} scores; a re-ranker gives one.")
    loaded: Model = model
    return loaded
