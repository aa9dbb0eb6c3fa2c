"""Redaction on presidio-analyzer: the lexicon, the recognizers, the engine, and the redactor off the event loop.

Presidio and spaCy load torch and transformers where these happen to be installed, as the knowledge base's set-up does:
15 seconds and hundreds of megabytes for models that nobody asks for. They are told that there are none.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

_UNWANTED: Final = ("torch", "transformers", "tensorflow", "mxnet", "cupy", "stanza", "spacy_stanza", "gliner")


@contextmanager
def _absent(*names: str) -> Iterator[None]:
    """Have these packages count as not installed, unless they are loaded already."""
    hidden = [name for name in names if name not in sys.modules]
    sys.modules.update(dict.fromkeys(hidden))  # type: ignore[arg-type]  # None is the import system's word for absent
    try:
        yield
    finally:
        for name in hidden:
            sys.modules.pop(name, None)


with _absent(*_UNWANTED):
    import presidio_analyzer  # noqa: F401  # loaded here, so that it is loaded without those
    import spacy  # noqa: F401  # as above
