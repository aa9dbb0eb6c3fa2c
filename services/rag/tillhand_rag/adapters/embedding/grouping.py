"""Which texts go to the model together: the longest waiting one, and others of about its length."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from tillhand_rag.adapters.embedding.encoder import Ids, TokenIds

_SHORT: Final = 32
_SHORT_STEP: Final = 4
_STEP: Final = 8


def padded_length(tokens: int) -> int:
    """Tokens that a row of this length takes: few distinct lengths, since each shape costs the runtime a kernel."""
    step = _SHORT_STEP if tokens <= _SHORT else _STEP
    return -(-tokens // step) * step


def choose_batch(lengths: Sequence[int], *, budget: int) -> list[int]:
    """Indexes of a batch that holds the first text, in ascending length.

    `lengths` are tokens in order of arrival. Starting from the first text, the nearest in length join while
    rows times padded length stay within `budget` tokens. One text alone may exceed it.
    """
    order = sorted(range(len(lengths)), key=lengths.__getitem__)
    low = high = order.index(0)
    while True:
        below = lengths[order[low]] - lengths[order[low - 1]] if low > 0 else None
        above = lengths[order[high + 1]] - lengths[order[high]] if high + 1 < len(order) else None
        if below is None and above is None:
            break
        downwards = above is None or (below is not None and below <= above)
        new_low, new_high = (low - 1, high) if downwards else (low, high + 1)
        if (new_high - new_low + 1) * padded_length(lengths[order[new_high]]) > budget:
            break
        low, high = new_low, new_high
    return order[low : high + 1]


def padded(rows: Sequence[Ids], *, limit: int, pad: int = 0) -> tuple[TokenIds, TokenIds]:
    """Ids and mask of these rows, shape (rows, tokens), filled up with `pad`, which the mask leaves out."""
    width = min(limit, padded_length(max(len(row) for row in rows)))
    ids = np.full((len(rows), width), pad, dtype=np.int64)
    mask = np.zeros((len(rows), width), dtype=np.int64)
    for index, row in enumerate(rows):
        ids[index, : len(row)] = row
        mask[index, : len(row)] = 1
    return ids, mask
