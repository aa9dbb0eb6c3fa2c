"""The gate: every static check, each of them run, one line each (`make check`; `ARGS="types layers"` runs some)."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

from workspace import ROOT, VENV

BIN = VENV / "bin"
SOURCES = [
    str(folder)
    for folder in ("libs", "services", "deploy", "tools", "tests", "benchmarks")
    if any(Path(ROOT, folder).rglob("*.py"))
]


def schema(name: str, *files: str) -> list[str]:
    return ["check-jsonschema", "--builtin-schema", f"vendor.{name}", *files]


CHECKS: dict[str, list[str]] = {
    "format": ["ruff", "format", "--check", *SOURCES],
    "lint": ["ruff", "check", *SOURCES],
    "types": ["mypy", *SOURCES],
    "layers": ["lint-imports"],
    "docs": ["python", "tools/docs.py", "--check"],
    "dockerfile": ["hadolint", "deploy/Dockerfile"],
    "compose": schema("compose-spec", "deploy/compose.yaml"),
    "kubernetes": ["python", "tools/manifests.py"],
    "bandit": ["python", "tools/code_audit.py"],
    "secrets": ["python", "tools/secret_scan.py"],
    "hardening": ["python", "tools/hardening.py"],
    "variables": ["python", "tools/variables.py"],
    "workflow": schema("github-workflows", *map(str, sorted(Path(".github/workflows").glob("*")))),
}


def passes(name: str, command: list[str]) -> bool:
    """Run one check; its output is shown only when it fails."""
    started = time.monotonic()
    done = subprocess.run(
        [BIN / command[0], *command[1:]],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    verdict = "ok" if done.returncode == 0 else "FAILED"
    print(f"  {name:<12} {verdict:<7} {time.monotonic() - started:5.1f} s", flush=True)
    if done.returncode != 0:
        print(done.stdout, flush=True)
    return done.returncode == 0


def main() -> int:
    wanted = sys.argv[1:] or list(CHECKS)
    unknown = set(wanted) - set(CHECKS)
    if unknown:
        print(f"unknown: {', '.join(sorted(unknown))}; there are: {', '.join(CHECKS)}")
        return 2
    failed = [name for name in wanted if not passes(name, CHECKS[name])]
    print(
        f"check: {len(wanted) - len(failed)} passed, {len(failed)} failed{': ' + ', '.join(failed) if failed else ''}"
    )
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
