"""The knowledge base as a process of its own with the small embedder; run by its path."""

from __future__ import annotations

import sys
from pathlib import Path

from fastapi import FastAPI

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.fakes.embedder import HashingEmbedder  # found on the path above
from tillhand_common.server import serve  # as above
from tillhand_rag.app import create_app  # as above
from tillhand_rag.settings import RagSettings  # as above


def hashing_app(settings: RagSettings) -> FastAPI:
    """The service of these settings; every model is the small one, under the model's name."""
    return create_app(settings, embedder=HashingEmbedder())


if __name__ == "__main__":
    serve(hashing_app, RagSettings)
