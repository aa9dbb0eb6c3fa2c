"""Run the public conformance suite of the Model Context Protocol against the connectors' face (`make conformance`).

The face stands in the chassis of production, with authentication and limits; the tools are the suite's own fixtures.
Then the official TypeScript clients list and call every tool. Prints what failed and the totals, and ends with
`N passed, N failed`. All of these come from npm, pinned with their integrity in tools/conformance-suite, into a folder
that git ignores.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from workspace import ROOT

PINNED: Final = ROOT / "tools" / "conformance-suite"
CACHE: Final = ROOT / ".conformance"
SUITE: Final = CACHE / "node_modules" / "@modelcontextprotocol" / "conformance" / "dist" / "index.js"
CLIENTS: Final = "clients.mjs"
ARGUMENTS: Final = {"approval_status": {"task_id": "p1"}, "echo": {"text": "hello"}, "proposes": {"text": "cheaper"}}
RUNS: Final = (("--requirements", "2026-07-28"), ("--requirements", "2025-11-25"), ("--suite", "all"))
NODE: Final = 22
TIMEOUT_S: Final = 600
_TOTAL: Final = re.compile(r"^Total: (\d+) passed, (\d+) failed", re.MULTILINE)


class ConformanceError(Exception):
    """The suite could not be run; the message is for the person who wanted it to."""


def install() -> None:
    """Install the suite as it is pinned, unless it is there."""
    lock, installed = PINNED / "package-lock.json", CACHE / "package-lock.json"
    if SUITE.exists() and installed.exists() and installed.read_bytes() == lock.read_bytes():
        return
    npm = shutil.which("npm")
    if npm is None:
        raise ConformanceError("npm is not here; the conformance suite comes with it (Debian: apt-get install npm)")
    CACHE.mkdir(exist_ok=True)
    for name in ("package.json", "package-lock.json"):
        shutil.copyfile(PINNED / name, CACHE / name)
    command = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    if subprocess.run(command, cwd=CACHE, check=False, timeout=TIMEOUT_S).returncode != 0:
        installed.unlink()
        raise ConformanceError("npm could not install the conformance suite")


def node() -> str:
    """Return a Node that is new enough: the one that came with the suite, or this machine's."""
    for brought in (CACHE / "node_modules").glob("node-linux-*/bin/node"):
        return str(brought)
    found = shutil.which("node")
    version = subprocess.run([found, "--version"], capture_output=True, text=True, check=False).stdout if found else ""
    if found is None or int(version.removeprefix("v").partition(".")[0] or 0) < NODE:
        raise ConformanceError(f"the conformance suite wants Node {NODE} or newer")
    return found


@contextmanager
def face(*which: str) -> Iterator[str]:
    """Serve the fixtures; yield the address of /mcp."""
    paths = [str(ROOT), os.environ.get("PYTHONPATH", "")]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in paths if path)}
    command = [sys.executable, "-m", "tests.mcp.fixtures.suite_server", *which]
    server = subprocess.Popen(
        command, cwd=ROOT, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert server.stdin is not None and server.stdout is not None  # noqa: S101, PT018  # opened with pipes
    try:
        address = server.stdout.readline().strip()
        if not address:
            raise ConformanceError("the fixtures could not be served")
        yield address
    finally:
        server.stdin.close()
        try:
            server.wait(20)
        except subprocess.TimeoutExpired:
            server.kill()


def run(address: str, *which: str) -> tuple[int, int]:
    """Run one suite; return how many checks passed and failed."""
    with tempfile.TemporaryDirectory() as folder:
        command = [node(), str(SUITE), "server", "--url", address, *which, "--output-dir", folder]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=TIMEOUT_S)
        total = _TOTAL.search(done.stdout)
        if total is None:
            raise ConformanceError(f"the suite gave no total:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
        for scenario, check in _noted(Path(folder)):
            print(f"  {check['status'].lower()}: {scenario} {check['id']}: {check.get('errorMessage', '')}")
    passed, failed = int(total[1]), int(total[2])
    print(f"{' '.join(which).removeprefix('--'):<24} {passed} passed, {failed} failed", flush=True)
    return passed, failed


def clients(address: str) -> tuple[int, int]:
    """Let every client list and call every tool; return how many calls passed and failed."""
    shutil.copyfile(PINNED / CLIENTS, CACHE / CLIENTS)
    command = [node(), CLIENTS, address, json.dumps(ARGUMENTS)]
    done = subprocess.run(command, cwd=CACHE, capture_output=True, text=True, check=False, timeout=TIMEOUT_S)
    told = [json.loads(line) for line in done.stdout.splitlines()]
    if not told:
        raise ConformanceError(f"the clients said nothing:\n{done.stderr[-2000:]}")
    for each in told:
        for failure in each["failed"]:
            print(f"  failure: {each['name']}: {failure}")
    failed = sum(len(each["failed"]) for each in told)
    passed = sum(len(each["tools"]) for each in told) - failed
    print(f"{f'{len(told)} clients, every tool':<24} {passed} passed, {failed} failed", flush=True)
    return passed, failed


def _noted(folder: Path) -> Iterator[tuple[str, dict[str, str]]]:
    for checks in sorted(folder.glob("*/checks.json")):
        for check in json.loads(checks.read_text(encoding="utf-8")):
            if check["status"] in {"FAILURE", "WARNING"}:
                yield checks.parent.name.removeprefix("server-"), check


def main() -> int:
    """Install, serve, run, and tell."""
    try:
        install()
        with face() as address:
            totals = [run(address, *which) for which in RUNS]
        with face("plain") as address:
            totals.append(clients(address))
    except ConformanceError as failure:
        print(failure, file=sys.stderr)
        return 1
    passed, failed = (sum(column) for column in zip(*totals, strict=True))
    print(f"{passed} passed, {failed} failed")
    return 0 if failed == 0 else 1


if __name__ == "__main__":
    sys.exit(main())
