"""Run the proofs of endurance at full length (`make prove`): kills, requests nobody thought of, foreign keys.

Each is a test whose short version is part of the suite; what it prints at the end is what it proved.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence

from workspace import ROOT, VENV

Proof = tuple[str, Mapping[str, str]]

PROOFS: Sequence[Proof] = (
    ("tests/rag/test_store_crash.py", {"TILLHAND_CRASH_ROUNDS": "50"}),
    ("tests/rag/test_killed_operations.py", {"TILLHAND_CRASH_ROUNDS": "50"}),
    ("tests/rag/test_fuzz.py", {"TILLHAND_FUZZ_CASES": "2500"}),
    ("tests/rag/test_tenants.py", {}),
    ("tests/approvals/test_killed.py", {"TILLHAND_CRASH_ROUNDS": "200"}),
    ("tests/approvals/test_fuzz.py", {"TILLHAND_FUZZ_CASES": "2600"}),
    ("tests/mcp/test_fuzz.py", {"TILLHAND_FUZZ_CASES": "2300"}),
    ("tests/analytics/test_fuzz.py", {"TILLHAND_FUZZ_CASES": "2600"}),
    ("tests/e2e", {"TILLHAND_EVERY_LOOK": "1"}),
    ("tests/dashboard/test_racing.py", {"TILLHAND_EVERY_LOOK": "1"}),
    ("tests/approvals/test_soak.py", {"TILLHAND_SOAK_MINUTES": "10"}),
)
LONGEST_S = 3_600


def prove(path: str, counts: Mapping[str, str]) -> bool:
    """Run one proof and show what it says of itself."""
    shown = " ".join(f"{name}={value}" for name, value in counts.items())
    print(f"$ {shown} pytest -s {path}".replace("  ", " "), flush=True)
    command = [str(VENV / "bin" / "python"), "-m", "pytest", "-q", "-s", f"--timeout={LONGEST_S}", path]
    done = subprocess.run(
        command, cwd=ROOT, env={**os.environ, **counts}, stdout=subprocess.PIPE, text=True, check=False
    )
    lines = [line for line in done.stdout.splitlines() if not line.startswith("{")]  # the services' logs
    print("\n".join(f"  {line}" for line in (lines if done.returncode else lines[-4:])), flush=True)
    return done.returncode == 0


def main() -> int:
    results = [prove(path, counts) for path, counts in PROOFS]
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
