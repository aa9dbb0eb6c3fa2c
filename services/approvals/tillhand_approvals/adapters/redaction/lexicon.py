"""The lexicon as it is shipped: 250,000 words with what is known of each, made by `tools/make_lexicon.py`."""

from __future__ import annotations

import lzma
from functools import cache
from importlib import resources

from tillhand_approvals.domain.redaction.lexicon import Lexicon


@cache
def load_lexicon() -> Lexicon:
    """Every word and its flags; read once."""
    packed = resources.files(__package__).joinpath("data/lexicon.xz").read_bytes()
    pairs = (line.split("\t") for line in lzma.decompress(packed).decode().split("\n"))
    return {word: int(flags) for word, flags in pairs}
