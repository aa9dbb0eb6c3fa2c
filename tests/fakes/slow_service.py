"""A knowledge base with a fake model, run as a program: `EMBEDDED_LOG` names a file that gets every text it embeds.

Each call takes `EMBED_PAUSE_S`, and after `EMBED_MOST` texts none ends any more, so there is always work left to cut.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.fakes.embedder import HashingEmbedder
from tillhand_common.server import serve
from tillhand_rag.app import create_app
from tillhand_rag.ports.embedding import Vectors
from tillhand_rag.settings import RagSettings


class LoggingEmbedder(HashingEmbedder):
    """Writes down what it embeds, line by line, before it does."""

    async def embed(self, texts: Sequence[str], *, bulk: bool = False) -> Vectors:
        with open(os.environ["EMBEDDED_LOG"], "a") as log:  # noqa: ASYNC230, PTH123  # one line, from one thread
            log.writelines(text.replace("\n", " ") + "\n" for text in texts)
        await asyncio.sleep(float(os.environ["EMBED_PAUSE_S"]))
        if len(self.embedded) + len(texts) > int(os.environ["EMBED_MOST"]):
            await asyncio.Event().wait()
        return await super().embed(texts, bulk=bulk)


if __name__ == "__main__":
    serve(lambda settings: create_app(settings, embedder=LoggingEmbedder()), RagSettings)
