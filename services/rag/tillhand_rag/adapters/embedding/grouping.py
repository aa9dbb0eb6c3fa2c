"""Which texts go to the model together: the longest waiting one, and others of about its length."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

import numpy as np

from tillhand_rag.adapters.embedding.encoder import Ids, TokenIds

CALL_TOKENS: Final = 12
"""What a call of the model costs beside its tokens, in tokens: padding beyond that would cost more than it saves.

About 4 in float32; more where the arithmetic is faster, since the weights are read no faster. A batch shares that
reading and nothing else: on a processor ten texts take about ten times as long as one, unlike on a graphics card.
"""

_SHORT: Final = 32
_SHORT_STEP: Final = 4
_STEP: Final = 8


def padded_length(tokens: int) -> int:
    """Tokens that a row of this length takes: few distinct lengths, since each shape costs the runtime a kernel."""
    step = _SHORT_STEP if tokens <= _SHORT else _STEP
    return -(-tokens // step) * step


def choose_batch(lengths: Sequence[int], *, budget: int) -> list[int]:
    """Indexes of a batch that holds the first text, in ascending length.

    `lengths` are tokens in order of arrival. Starting from the first text, the next shorter or longer one joins,
    whichever needs less padding, while that padding costs less than a call of its own and rows times padded length
    stay within `budget` tokens. One text alone may exceed it.
    """
    order = sorted(range(len(lengths)), key=lengths.__getitem__)
    widths = [padded_length(lengths[index]) for index in order]
    low = high = order.index(0)
    while True:
        shorter = widths[high] - widths[low - 1] if low > 0 else math.inf
        longer = (high - low + 1) * (widths[high + 1] - widths[high]) if high + 1 < len(order) else math.inf
        new_low, new_high = (low - 1, high) if shorter <= longer else (low, high + 1)
        if min(shorter, longer) > CALL_TOKENS or (new_high - new_low + 1) * widths[new_high] > budget:
            return order[low : high + 1]
        low, high = new_low, new_high


def padded(rows: Sequence[Ids], *, limit: int, pad: int = 0) -> tuple[TokenIds, TokenIds]:
    """Ids and mask of these rows, shape (rows, tokens), filled up with `pad`, which the mask leaves out."""
    width = min(limit, padded_length(max(len(row) for row in rows)))
    ids = np.full((len(rows), width), pad, dtype=np.int64)
    mask = np.zeros((len(rows), width), dtype=np.int64)
    for index, row in enumerate(rows):
        ids[index, : len(row)] = row
        mask[index, : len(row)] = 1
    return ids, mask
