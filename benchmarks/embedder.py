"""The embedding model's routes side by side, each in a process of its own, and sentence-transformers as it comes.

Question latency, passages of about 200 tokens per second, lowest cosine to the reference, seconds from the process's
start to its first answer, resident memory then and at the end. Our routes are measured as they serve, batching
included, without the cache. `passages_per_cpu_s` divides by processor time instead of the clock: other programs on a
busy machine distort it less.

    python benchmarks/embedder.py [--passages 160] [--json] [--scifact DIR]

`--scifact` takes minutes: it embeds a data set in BEIR layout by the reference and by the chosen route, searches whole
documents cut at the model's limit, and compares nDCG@10. The status is 1 when they differ by more than .003.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from tillhand_rag.adapters.embedding.manifest import Manifest, artefact_folder, read_manifest
from tillhand_rag.settings import RagSettings

PLAIN: Final = ("sentence-transformers", "sentence-transformers-bfloat16")
TOLERANCE: Final = 0.003
PROGRAM: Final = Path(__file__).with_name("embedder_route.py")


def measured(route: str, *arguments: str) -> dict[str, Any]:
    """The figures of a route, from a process of its own."""
    command = [sys.executable, str(PROGRAM), route, "--started", str(time.time()), *arguments]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)  # the file beside us
    report: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return report


def show(reports: Sequence[Mapping[str, Any]]) -> None:
    """A table with the JSON's keys as its columns."""
    widths = [max(len(str(cell)) for cell in column) for column in zip(*(r.values() for r in reports), strict=True)]
    columns = [(name, max(len(name), width)) for name, width in zip(reports[0], widths, strict=True)]
    for cells in (dict(zip(reports[0], reports[0], strict=True)), *reports):
        print("  ".join(f"{cells[name]!s:>{width}}" for name, width in columns))


def routes(manifest: Manifest, passages: int, *, as_json: bool) -> int:
    """Every route that this machine has."""
    names = [*PLAIN, *(figures.route for figures in manifest.routes)]
    reports = [measured(name, "--passages", str(passages)) for name in names]
    if as_json:
        print(json.dumps({"machine": manifest.machine, "routes": reports}))
    else:
        show(reports)
    return 0


def scifact(manifest: Manifest, folder: Path, *, as_json: bool) -> int:
    """The reference against the chosen route."""
    reports = [measured(name, "--scifact", str(folder)) for name in (PLAIN[0], manifest.chosen)]
    difference = reports[1]["ndcg@10"] - reports[0]["ndcg@10"]
    within = abs(difference) <= TOLERANCE
    if as_json:
        print(json.dumps({"routes": reports, "difference": round(difference, 4), "within": within}))
    else:
        show(reports)
        print(f"difference {difference:+.4f}, allowed ±{TOLERANCE}: {'kept' if within else 'NOT kept'}")
    return 0 if within else 1


def main() -> int:
    """Parse the arguments and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--passages", type=int, default=160)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--scifact", type=Path, metavar="DIR")
    given = parser.parse_args()
    manifest = read_manifest(artefact_folder(RagSettings().model_dir))
    if manifest is None:
        sys.exit("The model has not been prepared: run `tillhand rag prepare`.")
    if given.scifact:
        return scifact(manifest, given.scifact, as_json=given.json)
    return routes(manifest, given.passages, as_json=given.json)


if __name__ == "__main__":
    sys.exit(main())
