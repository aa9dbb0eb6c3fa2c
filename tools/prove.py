"""Print the quality figures, each from the command that anyone can run (`make prove DATA="folder folder"`).

Without folders: the golden questions of the sample shop. With folders in BEIR layout: search and answers on those too.
Each is asked in every mode, and what the hybrid one is worth is set beside the better of its two lists.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from workspace import ROOT, VENV

GOLDENS = ROOT / "samples" / "goldens.yaml"
FITTED_ON_EVEN = frozenset([GOLDENS.name, "xquad-en", "anthropic-docs"])
"""Sets on whose questions with an even hash constants may have been fitted: only the odd ones prove something."""
COMPARED = ("ndcg@10", "source_found@5")

Figures = Mapping[str, Any]


def evaluate(data: Path) -> Figures:
    """The report of one evaluation; its errors are shown as they come."""
    command = [str(VENV / "bin" / "tillhand"), "rag", "evaluate", "--data", str(data), "--mode", "all"]
    if is_fitted(data):
        command += ["--part", "odd"]
    print(f"$ tillhand {' '.join(command[1:])}", flush=True)
    done = subprocess.run([*command, "--json"], cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True)
    report: Figures = json.loads(done.stdout)
    return report


def is_fitted(data: Path) -> bool:
    """Whether a part of the questions may have been fitted on."""
    return data.name in FITTED_ON_EVEN


def table(modes: Mapping[str, Figures]) -> Iterator[str]:
    """A line for each figure with a column for each mode, then what the fusion adds to the better list."""
    yield f"  {'':<20}" + "".join(f"{mode:>10}" for mode in modes)
    for name, figure in modes["hybrid"].items():
        if isinstance(figure, int | float):
            yield f"  {name:<20}" + "".join(f"{figures[name]:>10.4g}" for figures in modes.values())
    if "p50_ms" in modes["hybrid"]:
        yield "  times: hybrid is asked first, the others find the questions' vectors cached"
    for name in COMPARED:
        if name in modes["hybrid"]:
            better = max(modes["dense"][name], modes["keyword"][name])
            yield f"  hybrid against the better list, {name}: {modes['hybrid'][name] - better:+.4f}"


def main() -> None:
    for data in [GOLDENS, *map(Path, sys.argv[1:])]:
        report = evaluate(data)
        if is_fitted(data):
            print("  the odd half of the questions: constants may have been fitted on those whose id hashes even")
        print("\n".join(table(report["modes"])), flush=True)


if __name__ == "__main__":
    main()
