"""What tests of the knowledge base share: the real model, prepared as set-up does it."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tillhand_common.metrics import Metrics
from tillhand_rag.adapters.embedding import ModelMissing, ServedEmbedder, build_embedder
from tillhand_rag.adapters.embedding.prepare import prepare
from tillhand_rag.settings import RagSettings


@pytest.fixture(scope="session")
def prepared_model() -> Path:
    """The `model_dir` that set-up fills; filled now where it has not been."""
    model_dir = Path(sys.prefix) / "share" / "tillhand" / "models"
    try:
        prepare(model_dir)
    except ModelMissing as missing:
        pytest.skip(str(missing))
    return model_dir


@pytest.fixture
async def embedder(prepared_model: Path, tmp_path: Path) -> AsyncIterator[ServedEmbedder]:
    """The default model by its fastest route, with an empty cache."""
    embedder = build_embedder(RagSettings(data_dir=tmp_path, model_dir=prepared_model), Metrics("test"))
    await embedder.start()
    yield embedder
    await embedder.close()
