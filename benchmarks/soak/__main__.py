"""What tens of thousands of mixed requests leave behind: resident memory, file descriptors, threads, jobs, documents.

    python -m benchmarks.soak [--data BEIR_FOLDER] [--requests 30000] [--warm-up 6000]
                            [--seed 1] [--json]

The service runs as a process of its own with the default model and a corpus; without a folder that is the sample shop.
Four clients send a seeded mixture over kept-alive connections: searches and answers, streams that are left midway,
documents put, changed and deleted, corrections, feedback, ingestions, evaluations, and requests that are refused. As
many documents are deleted as put. Caches are bounded, by settings here so low that the warm-up fills them; where there
is no setting it sends what fills them. What grows after it grows without bound.

Prints what the processes hold in each tenth of the run, and the growth from after the warm-up to the end: at rest, of
all processes, and at work, of the service. The bound that we promise: 5 %. Ends with status 1 where that is exceeded,
where any request was answered other than it should be, or where anything is left behind. Linux only; some 10 minutes.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
from pathlib import Path

from benchmarks.soak.report import as_json, table
from benchmarks.soak.run import soaked

SETTINGS = {
    "TILLHAND_ANSWER_CACHE_ENTRIES": "200",
    "TILLHAND_EMBEDDING_CACHE_BYTES": str(2**20),
    "TILLHAND_INSIGHT_ROWS": "500",
    "TILLHAND_MAX_BODY_BYTES": str(2**20),
}


def main() -> int:
    """Read the arguments, run, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, metavar="BEIR_FOLDER", help="without it the sample shop is used")
    parser.add_argument("--requests", type=int, default=30_000)
    parser.add_argument("--warm-up", type=int, default=6_000, help="requests before anything is measured")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    os.environ.update(SETTINGS)
    with tempfile.TemporaryDirectory(prefix="tillhand-bench-") as scratch:
        result = soaked(options, Path(scratch))
    print(json.dumps(as_json(result), indent=2) if options.json else table(result))
    return 0 if result.passed else 1


if __name__ == "__main__":
    raise SystemExit(main())
