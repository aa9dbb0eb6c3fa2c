"""Prints the knowledge base's figures beside its peers', from one run on one machine.

usage: python -m benchmarks.rag_peers [--data BEIR_FOLDER] [--passages N] [--queries N] [--systems A,B] [--json]

The peers run in `.venv-peers` (`make peers`), each phase in a process of its own: with the model as it comes (float32)
and, where the processor has it, with bfloat16. Ratios are against LlamaIndex in float32 unless they name another.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks.rag_peers import ours
from benchmarks.rag_peers.corpus import ROOT, Corpus, build
from benchmarks.rag_peers.peer import FILLED, made_up_vectors
from tillhand_rag.adapters.embedding.model_files import find_default_model
from tillhand_rag.adapters.embedding.openvino import native_bfloat16

PEERS = ("llamaindex", "langchain", "txtai")
PORT = 18_101


def main() -> None:
    """Measure everything and print it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, help="BEIR folder; without it the sample shop is used")
    parser.add_argument("--passages", type=int, default=1_500)
    parser.add_argument("--queries", type=int, default=200)
    parser.add_argument("--systems", default=",".join(PEERS))
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    corpus = build(given.data, given.passages, given.queries)
    with tempfile.TemporaryDirectory(prefix="tillhand-bench-") as scratch:
        figures = run(corpus, Path(scratch), given.systems.split(","))
    print(json.dumps(figures, indent=2) if given.json else table(figures))


def run(corpus: Corpus, scratch: Path, systems: list[str]) -> dict[str, Any]:
    """Every figure, ours and theirs."""
    saved = scratch / "corpus.json"
    corpus.save(saved)
    model = str(find_default_model().folder)
    figures: dict[str, Any] = {"corpus": corpus.name, "passages": len(corpus.passages)}
    say("tillhand")
    figures["tillhand"] = ours.measure(corpus, scratch / "ours", PORT)
    figures["tillhand"] |= ours.measure_singly(corpus, scratch / "singly", PORT)
    figures["tillhand"] |= asyncio.run(ours.measure_embedder(corpus, scratch / "embedder"))
    figures["tillhand"] |= ours.measure_filtered(corpus, scratch / "filled", PORT, made_up_vectors(FILLED))
    for dtype in dtypes():
        say(f"plain{dtype}")
        figures[f"plain{dtype}"] = phase(f"plain{dtype}", "ingest", saved, model, scratch / "plain")
        for system in systems:
            name = f"{system}{dtype}"
            say(name)
            store = scratch / name
            store.mkdir()
            measured = phase(name, "ingest", saved, model, store)
            started = time.perf_counter()
            phase(name, "restart", saved, model, store)
            measured["start_to_first_answer_s"] = time.perf_counter() - started
            if system != "txtai":
                measured |= phase(name, "filtered", saved, model, scratch / f"{name}-filled")
            figures[name] = measured
    figures["ratios"] = ratios(figures) if "llamaindex" in systems else {}
    return figures


def dtypes() -> list[str]:
    """Precisions to run the peers in: bfloat16 too where the processor has it; elsewhere it is emulated, and slow."""
    if native_bfloat16():
        return ["", "+bfloat16"]
    print("the processor has no bfloat16: the peers run in float32 only", file=sys.stderr)
    return [""]


def phase(system: str, name: str, corpus: Path, model: str, store: Path) -> dict[str, Any]:
    """One phase of a peer in a process of its own; what it printed last."""
    python = ROOT / ".venv-peers" / "bin" / "python"
    peer = Path(__file__).with_name("peer.py")
    command = [str(python), str(peer), system, name, str(corpus), model, str(store)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    found: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return found


def ratios(figures: dict[str, Any]) -> dict[str, float]:
    """Ours against LlamaIndex in float32, and ingestion against plain sentence-transformers in both precisions."""
    own, peer = figures["tillhand"], figures["llamaindex"]
    found = {
        "search p50, hybrid over HTTP / LlamaIndex dense in process": own["query"]["p50_ms"] / peer["query"]["p50_ms"],
        "search p50 with 10 % filter at 20k / LlamaIndex": own["filtered"]["p50_ms"] / peer["filtered"]["p50_ms"],
        "search p50 with 10 % filter / without, at 20k": own["filtered"]["p50_ms"] / own["unfiltered"]["p50_ms"],
        "search p50, embedding-cache hit / miss": own["cache_hit"]["p50_ms"] / own["query"]["p50_ms"],
        "ingestion / plain sentence-transformers": own["chunks_per_s"] / figures["plain"]["chunks_per_s"],
        "ingestion, a request per passage / plain": own["chunks_per_s_singly"] / figures["plain"]["chunks_per_s"],
        "ingestion / our embedder by itself": own["chunks_per_s"] / own["embedder_chunks_per_s"],
        "our embedder by itself / plain": own["embedder_chunks_per_s"] / figures["plain"]["chunks_per_s"],
        "start to first answer / LlamaIndex": own["start_to_first_answer_s"] / peer["start_to_first_answer_s"],
        "resident memory / LlamaIndex": own["rss_mb"] / peer["rss_mb"],
    }
    for name in ("plain+bfloat16", "llamaindex+bfloat16"):
        if name in figures:
            found[f"ingestion / {name}"] = own["chunks_per_s"] / figures[name]["chunks_per_s"]
    if "llamaindex+bfloat16" in figures:
        bf16 = figures["llamaindex+bfloat16"]
        found["search p50 / llamaindex+bfloat16"] = own["query"]["p50_ms"] / bf16["query"]["p50_ms"]
    return found


def table(figures: dict[str, Any]) -> str:
    """The figures as text."""
    lines = [f"{figures['passages']} passages of {figures['corpus']}", ""]
    head = ("system", "query p50", "p95", "filter 10 % p50", "chunks/s", "first answer s", "RSS MB")
    lines.append("{:<22}{:>10}{:>8}{:>17}{:>10}{:>16}{:>9}".format(*head))
    for name, row in figures.items():
        if not isinstance(row, dict) or name == "ratios":
            continue
        query, filtered = row.get("query", {}), row.get("filtered", {})
        cells = (
            query.get("p50_ms"),
            query.get("p95_ms"),
            filtered.get("p50_ms"),
            row.get("chunks_per_s"),
            row.get("start_to_first_answer_s"),
            row.get("rss_mb"),
        )
        shown = [f"{cell:.1f}" if cell is not None else "-" for cell in cells]
        lines.append("{:<22}{:>10}{:>8}{:>17}{:>10}{:>16}{:>9}".format(name, *shown))
    lines += ["", *(f"{ratio:6.2f}  {name}" for name, ratio in figures["ratios"].items())]
    return "\n".join(lines)


def say(what: str) -> None:
    """Progress, beside the figures."""
    print(f"measuring {what} …", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
