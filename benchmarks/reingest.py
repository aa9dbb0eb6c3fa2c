"""What it costs to read a folder again that has not changed: seconds of the first and the second run, over HTTP.

    python -m benchmarks.reingest [--folder FOLDER] [--files 1500] [--model] [--json]

Without a folder it writes one of made-up pages; without `--model` a fake embeds that takes no time, which is harder on
the second run. Prints files, documents, passages, both times, their ratio, and how many calls of the embedder
the second run made. The bounds that we promise: no call, and 20 times faster.
"""

from __future__ import annotations

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import argparse
import asyncio
import json
import random
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import httpx

from tests.fakes.embedder import HashingEmbedder
from tillhand_common import keys
from tillhand_common.logs import configure_events
from tillhand_common.metrics import Metrics
from tillhand_common.testing import client
from tillhand_rag.adapters.embedding import ServedEmbedder, build_embedder
from tillhand_rag.app import create_app
from tillhand_rag.ports.embedding import Vectors
from tillhand_rag.settings import RagSettings

LIMIT_S = 1_800
WORDS = "stock shelf order parcel return oak teak brass linen price delivery invoice warranty polish hinge".split(" ")


class Counted:
    """An embedder that counts its calls; everything else is passed on."""

    def __init__(self, inner: ServedEmbedder) -> None:
        self.calls = 0
        self._inner = inner

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401  # whatever the other one has
        return getattr(self._inner, name)

    async def embed(self, texts: Sequence[str], *, bulk: bool = False) -> Vectors:
        self.calls += 1
        return await self._inner.embed(texts, bulk=bulk)


async def main() -> None:
    """Read twice, and print."""
    options = _options()
    configure_events("reingest", "error", "json")
    with tempfile.TemporaryDirectory() as scratch:
        folder = options.folder or _made_up(Path(scratch) / "pages", options.files)
        settings = RagSettings(
            data_dir=Path(scratch) / "data", ingest_roots=(str(folder.resolve()),), rate_limit="off", log_level="error"
        )
        inner = build_embedder(settings, Metrics("reingest")) if options.model else HashingEmbedder()
        embedder: Any = Counted(inner)
        keys.bootstrap(settings.data_dir)
        app = create_app(settings, embedder=embedder)
        async with client(app, key=keys.read_token(settings.data_dir, "operator")) as http:
            figures = await _measured(http, folder.resolve(), embedder)
    if options.json:
        print(json.dumps(figures))
        return
    for name, value in figures.items():
        print(f"{name:28}{value:>12,}")


async def _measured(http: httpx.AsyncClient, folder: Path, embedder: Counted) -> dict[str, float]:
    first_s, first = await _read(http, folder)
    calls = embedder.calls
    again_s, again = await _read(http, folder)
    return {
        "files": again["done"],
        "documents": first["created"],
        "refused": again["refused"],
        "passages": first["chunks"],
        "first run, s": round(first_s, 2),
        "second run, s": round(again_s, 2),
        "second run, ms a file": round(again_s / max(1, again["done"]) * 1e3, 2),
        "times faster": round(first_s / again_s, 1),
        "calls of the embedder, first": calls,
        "calls of the embedder, again": embedder.calls - calls,
    }


async def _read(http: httpx.AsyncClient, folder: Path) -> tuple[float, dict[str, Any]]:
    started = time.perf_counter()
    answer = await http.post("/v1/ingestions", json={"source": {"type": "folder", "path": str(folder)}})
    headers = {"accept": "text/event-stream"}
    async with asyncio.timeout(LIMIT_S):
        heard = await http.get(answer.headers["location"], headers=headers)
    job = json.loads(heard.text.rsplit("data: ", 1)[1])
    if job["state"] != "done":
        raise SystemExit(f"The ingestion ended {job['state']}: {job['error']}")
    return time.perf_counter() - started, job["progress"]


def _made_up(folder: Path, files: int) -> Path:
    chance = random.Random(7)  # noqa: S311  # the same pages each time
    folder.mkdir()
    for number in range(files):
        sections = [
            f"## Part {part}\n\n" + " ".join(chance.choice(WORDS) for _ in range(150)) + "." for part in range(6)
        ]
        (folder / f"page{number:05d}.md").write_text("\n\n".join([f"# Page {number}", *sections]))
    return folder


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path, help="Read this folder instead of made-up pages.")
    parser.add_argument("--files", type=int, default=1_500)
    parser.add_argument("--model", action="store_true", help="Embed with the default model.")
    parser.add_argument("--json", action="store_true")
    return parser.parse_args()


if __name__ == "__main__":
    asyncio.run(main())
