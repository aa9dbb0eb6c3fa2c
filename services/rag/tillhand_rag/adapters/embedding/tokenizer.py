"""The model's own tokenizer, without torch."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
import tokenizers

from tillhand_rag.adapters.embedding.encoder import Ids

_PADDINGS: Final = ("[PAD]", "<pad>")


class Tokenized(NamedTuple):
    """The ids of one text, special tokens included, and how many tokens were cut off its end."""

    ids: Ids
    cut: int


class ModelTokenizer:
    """Counts, places and encodes tokens. Nothing is padded here, and only `encode` truncates."""

    def __init__(self, tokenizer: tokenizers.Tokenizer, *, max_tokens: int) -> None:
        tokenizer.no_padding()
        tokenizer.no_truncation()
        self.pad = next((pad for pad in map(tokenizer.token_to_id, _PADDINGS) if pad is not None), 0)
        self._tokenizer = tokenizer
        self._max_tokens = max_tokens

    @classmethod
    def load(cls, path: Path, *, max_tokens: int) -> ModelTokenizer:
        """Read a `tokenizer.json`."""
        return cls(tokenizers.Tokenizer.from_file(str(path)), max_tokens=max_tokens)

    def count(self, text: str) -> int:
        """Tokens of `text`, special tokens included."""
        return len(self._tokenizer.encode(text).ids)

    def offsets(self, text: str) -> list[tuple[int, int]]:
        """Half-open code point spans of the tokens, special tokens left out."""
        offsets: list[tuple[int, int]] = self._tokenizer.encode(text, add_special_tokens=False).offsets
        return offsets

    def encode(self, texts: Sequence[str]) -> list[Tokenized]:
        """Ids as the model reads them, at most `max_tokens` of each text; the closing special token stays."""
        return [self._cut(encoding.ids) for encoding in self._encodings(texts)]

    def _encodings(self, texts: Sequence[str]) -> list[tokenizers.Encoding]:
        if len(texts) == 1:  # a lone query is not worth waking the library's thread pool
            return [self._tokenizer.encode(texts[0])]
        return list(self._tokenizer.encode_batch_fast(list(texts)))

    def _cut(self, ids: list[int]) -> Tokenized:
        if len(ids) <= self._max_tokens:
            return Tokenized(np.array(ids, dtype=np.int32), 0)
        kept = [*ids[: self._max_tokens - 1], ids[-1]]
        return Tokenized(np.array(kept, dtype=np.int32), len(ids) - self._max_tokens)
