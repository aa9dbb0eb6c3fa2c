"""Let bandit read the code that is shipped and the tools (`make check ARGS=bandit`).

bandit and our linter number the same findings alike: B608 is S608. So a finding passes where its line carries the lint
exception of that number, whose reason the linter asks for; what the linter does not find itself carries `nosec` and a
reason. Everything else fails.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from workspace import ROOT, VENV

SHIPPED = ("libs", "services", "deploy", "tools")
REASON = re.compile(r"#\s*nosec\s+B\d+(?:,\s*B\d+)*\s+#\s*\S.{8,}")


@dataclass(frozen=True)
class Finding:
    """What bandit says of some lines."""

    path: Path
    first: int
    last: int
    rule: str
    text: str

    def __str__(self) -> str:
        return f"{self.path}:{self.first}: {self.rule} {self.text}"

    def is_excused(self, lines: list[str]) -> bool:
        """Whether a line of it, or the one that closes the text, carries the lint exception of the same number."""
        excuse = re.compile(rf"#\s*noqa:[^#]*\bS{self.rule[1:]}\b")
        return any(excuse.search(line) for line in lines[self.first - 1 : self.last + 1])


def bandit(root: Path, folders: tuple[str, ...]) -> Iterator[Finding]:
    """What bandit finds below some folders. Raises RuntimeError when it cannot read them all."""
    done = subprocess.run(
        [
            *(str(VENV / "bin" / "bandit"), "--quiet", "--recursive", *folders),
            *("--configfile", str(ROOT / "pyproject.toml"), "--format", "json"),
        ],
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode not in {0, 1}:
        raise RuntimeError(done.stderr)
    report = json.loads(done.stdout)
    if report["errors"]:
        raise RuntimeError(str(report["errors"]))
    for each in report["results"]:
        lines = each["line_range"]
        yield Finding(Path(each["filename"]), min(lines), max(lines), each["test_id"], each["issue_text"])


def without_reason(root: Path, folders: tuple[str, ...]) -> Iterator[str]:
    """Every `nosec` that names no rule or says no reason."""
    for path in sorted(path for folder in folders for path in (root / folder).rglob("*.py")):
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
            if re.search(r"#\s*nosec\b", line) and not REASON.search(line):
                yield f"{path.relative_to(root)}:{number}: nosec without a rule and a reason"


def judge(root: Path, folders: tuple[str, ...] = SHIPPED) -> list[str]:
    """What is wrong, one line each."""
    found = [each for each in bandit(root, folders) if not each.is_excused((root / each.path).read_text().splitlines())]
    return [*map(str, found), *without_reason(root, folders)]


def main() -> int:
    faults = judge(ROOT)
    print("\n".join(faults))
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
