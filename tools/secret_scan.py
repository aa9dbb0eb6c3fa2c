"""Look for secrets in every file that git would commit (`make check ARGS=secrets`).

What detect-secrets finds is held against tools/secrets.yaml: known places, each with its reason and the digest of what
stands there (`*` for a file of digests), so that the list holds no secret either. A finding that is not listed fails,
and so does an entry that nothing answers to any more. `--list` prints the entries that the tree would need.
"""

from __future__ import annotations

import hashlib
import re
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml
from detect_secrets.core.plugins.util import get_mapping_from_secret_type_to_class
from detect_secrets.filters import heuristic
from detect_secrets.plugins.base import BasePlugin, RegexBasedDetector

from workspace import ROOT

LEDGER = Path(__file__).with_name("secrets.yaml")
HARMLESS = ("package-lock.json", ".xz", ".docx", ".pdf", ".png", ".svg")
"""Files of digests alone, and files that are no text."""
PUBLIC_ADDRESS = "Public IP (ipv4)"
LOCKS = "requirements/"
ANYTHING = "*"
GUESSES = {"Secret Keyword", "Basic Auth Credentials", "Hex High Entropy String", "Base64 High Entropy String"}
"""What tests are full of, since made-up secrets are what they need: there only the shapes of real ones count."""
ENTROPY = {"Hex High Entropy String": 3.0, "Base64 High Entropy String": 4.5}
WORTH_A_LOOK = re.compile(
    r"[A-Za-z0-9+/_=-]{16}|://[^/\s]+:[^@\s]+@|BEGIN|(?i:secret|passw|passphrase|pwd|token|api.?key|private.?key|auth)"
)
"""No detector finds anything in a line without one of these; most lines have none."""
FILTERS = (
    heuristic.is_potential_uuid,
    heuristic.is_sequential_string,
    heuristic.is_templated_secret,
    heuristic.is_prefixed_with_dollar_sign,
)


class TillhandKey(RegexBasedDetector):
    """An API key of ours."""

    secret_type = "Tillhand Key"  # noqa: S105 - what such a finding is called
    denylist = (re.compile(r"th_(?:agent|service|operator)_[0-9a-f]{12}_[0-9a-f]{64}"),)


@dataclass(frozen=True, order=True)
class Finding:
    """Where something looks like a secret: never what it is, only a short digest of it."""

    path: str
    kind: str
    digest: str

    def __str__(self) -> str:
        return f"{self.path}: {self.kind} {self.digest}"

    @property
    def at_large(self) -> Finding:
        """Any finding of this kind in this file, as the ledger may list a file of digests."""
        return Finding(self.path, self.kind, ANYTHING)


def detectors() -> list[BasePlugin]:
    """Every detector of the library, and ours."""
    kinds: Mapping[str, Callable[..., BasePlugin]] = get_mapping_from_secret_type_to_class()
    found = [kind(limit=ENTROPY[name]) if name in ENTROPY else kind() for name, kind in kinds.items()]
    return [*(each for each in found if each.secret_type != PUBLIC_ADDRESS), TillhandKey()]


def committed(root: Path) -> Iterator[Path]:
    """Every text file that git knows or would add."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    names = subprocess.run(command, cwd=root, capture_output=True, text=True, check=True).stdout.split("\0")
    for name in filter(None, names):
        path = root / name
        is_lock = name.startswith(LOCKS) and name.endswith(".txt")
        if path.is_file() and not path.is_symlink() and not is_lock and not name.endswith(HARMLESS):
            yield path


def findings(root: Path, paths: Iterable[Path]) -> Iterator[tuple[Finding, int]]:
    """What looks like a secret, and in which line."""
    looking = detectors()
    for path in paths:
        name = str(path.relative_to(root))
        for number, line in enumerate(path.read_text("utf-8", errors="replace").splitlines(), 1):
            if WORTH_A_LOOK.search(line):
                yield from ((found, number) for found in _in_line(looking, name, line))


def _in_line(looking: list[BasePlugin], name: str, line: str) -> Iterator[Finding]:
    for detector in looking:
        if name.startswith("tests/") and detector.secret_type in GUESSES:
            continue
        for found in detector.analyze_line(filename=name, line=line, line_number=0) or ():
            value = str(found.secret_value)
            if not any(harmless(value) for harmless in FILTERS):
                yield Finding(name, detector.secret_type, hashlib.sha256(value.encode()).hexdigest()[:12])


def accepted(ledger: Path) -> set[Finding]:
    """The findings of the ledger. Raises ValueError where one has no reason."""
    known: set[Finding] = set()
    for entry in yaml.safe_load(ledger.read_text("utf-8")) if ledger.exists() else []:
        if len(entry["reason"]) < len("made up"):
            raise ValueError(f"{ledger.name}: every entry says why it is no secret")
        for line in entry["found"]:
            path, _, rest = str(line).partition(": ")
            kind, _, digest = rest.rpartition(" ")
            known.add(Finding(path, kind, digest))
    return known


def judge(root: Path, ledger: Path) -> list[str]:
    """What is wrong, one line each; nothing of what was found is in them."""
    found = dict(findings(root, committed(root)))
    known = accepted(ledger)
    new = [each for each in found if each not in known and each.at_large not in known]
    gone = known - {kind for each in found for kind in (each, each.at_large)}
    return sorted(
        [f"{each.path}:{found[each]}: {each.kind} {each.digest} is not in {ledger.name}" for each in new]
        + [f"{ledger.name}: {each} is not found any more" for each in gone]
    )


def main() -> int:
    if "--list" in sys.argv[1:]:
        print("\n".join(f"    - {each}" for each in sorted(dict(findings(ROOT, committed(ROOT))))))
        return 0
    faults = judge(ROOT, LEDGER)
    print("\n".join(faults))
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
