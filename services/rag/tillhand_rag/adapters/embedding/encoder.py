"""What a backend gives: a loaded model as functions from token ids to unit vectors."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from tillhand_rag.ports.embedding import Vectors

Ids = NDArray[np.int32]
"""The token ids of one text, shape (tokens,)."""

TokenIds = NDArray[np.int64]
"""Token ids of a batch, or its mask of ones and zeros, shape (texts, tokens)."""

Run = Callable[[TokenIds, TokenIds], Vectors]
"""From ids and mask to unit vectors. One `Run` is called by one thread at a time; several may run side by side."""

Precision = Literal["float32", "bfloat16"]

MAX_INTERACTIVE_THREADS: Final = 8
"""A question is a dozen tokens: more threads would wait for one another longer than they compute."""

MAX_BULK_WORKERS: Final = 4
"""Each worker holds activations of its own; beyond four, more threads help each worker instead."""


class Encoder(Protocol):
    """A model on disk that can be opened in two ways. Opening takes up to a second and is done off the event loop."""

    @property
    def precision(self) -> Precision:
        """What the arithmetic really runs in on this machine."""
        ...

    @property
    def compiles_shapes(self) -> bool:
        """Whether the first batch of a shape takes longer than those that follow."""
        ...

    def open_interactive(self) -> Run:
        """All cores, within reason, on one small batch: the lowest latency."""
        ...

    def open_bulk(self) -> Sequence[Run]:
        """Side by side, one batch each: the highest throughput."""
        ...
