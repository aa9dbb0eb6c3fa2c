"""Print the quality figures, each from the command that anyone can run (`make prove DATA="folder folder"`).

Without folders: the golden questions of the sample shop. With folders in BEIR layout: search and answers on those too.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from workspace import ROOT, VENV

GOLDENS = ROOT / "samples" / "goldens.yaml"


def evaluate(data: Path) -> dict[str, object]:
    """The report of one evaluation; its errors are shown as they come."""
    command = [str(VENV / "bin" / "tillhand"), "rag", "evaluate", "--data", str(data), "--json"]
    print(f"$ tillhand {' '.join(command[1:])}", flush=True)
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True)
    report: dict[str, object] = json.loads(done.stdout)
    return report


def main() -> None:
    for data in [GOLDENS, *map(Path, sys.argv[1:])]:
        for name, figure in evaluate(data).items():
            if isinstance(figure, int | float):
                print(f"  {name:<22} {figure:g}", flush=True)


if __name__ == "__main__":
    main()
