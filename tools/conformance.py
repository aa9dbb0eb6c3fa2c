"""Run the public conformance suite of the Model Context Protocol against the connectors' face (`make conformance`).

The face stands in the chassis of production, with authentication and limits; the tools are the suite's own fixtures.
Then the clients of tools/strangers.py list and call every tool: of other fixtures, and of the production app, which
runs over the mock upstream beside its approvals and its knowledge base. Prints what failed and the totals, and ends
with `N passed, N failed`. What comes from npm is pinned with its integrity in tools/conformance-suite, and lies in a
folder that git ignores.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from strangers import CACHE, PINNED, ConformanceError, Served, Verdict, fastmcp, inspector, typescript

from workspace import ROOT

SUITE: Final = CACHE / "node_modules" / "@modelcontextprotocol" / "conformance" / "dist" / "index.js"
FIXTURES: Final = {
    "proposes": {"text": "cheaper"},
    "approval_status": {"task_id": "p1"},
    "counts": {},
    "echo": {"text": "hello"},
    "refuses": {},
    "stands_still": {},
}
REFUSED: Final = ("refuses", "stands_still")
RUNS: Final = (("--requirements", "2026-07-28"), ("--requirements", "2025-11-25"), ("--suite", "all"))
NODE: Final = 22
TIMEOUT_S: Final = 600
STOP_S: Final = 60
_TOTAL: Final = re.compile(r"^Total: (\d+) passed, (\d+) failed", re.MULTILINE)


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
def serving(module: str, *which: str) -> Iterator[str]:
    """Serve one of the fixtures' modules; yield the line that it answers with."""
    paths = [str(ROOT), os.environ.get("PYTHONPATH", "")]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in paths if path)}
    command = [sys.executable, "-m", f"tests.mcp.fixtures.{module}", *which]
    server = subprocess.Popen(
        command, cwd=ROOT, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert server.stdin is not None and server.stdout is not None  # noqa: S101, PT018  # opened with pipes
    try:
        line = server.stdout.readline().strip()
        if not line:
            raise ConformanceError(f"{module} could not be served")
        yield line
    finally:
        server.stdin.close()
        try:
            server.wait(STOP_S)
        except subprocess.TimeoutExpired:
            server.kill()


def run(address: str, *which: str) -> tuple[int, int]:
    """Run one suite; return how many checks passed and failed."""
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        command = [node(), str(SUITE), "server", "--url", address, *which, "--output-dir", folder]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=TIMEOUT_S)
        total = _TOTAL.search(done.stdout)
        if total is None:
            raise ConformanceError(f"the suite gave no total:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
        for scenario, check in _noted(Path(folder)):
            print(f"  {check['status'].lower()}: {scenario} {check['id']}: {check.get('errorMessage', '')}")
    passed, failed = int(total[1]), int(total[2])
    tell(" ".join(which).removeprefix("--"), passed, failed, time.monotonic() - started)
    return passed, failed


def heard(of: str, verdicts: Iterable[Verdict]) -> Iterator[tuple[int, int]]:
    """Print what clients found, one by one, and pass their totals on."""
    for verdict in verdicts:
        for failure in verdict.failed:
            print(f"  failure: {verdict.name}: {failure}")
        tell(f"{of}: {verdict.name}", verdict.passed, len(verdict.failed), verdict.seconds)
        yield verdict.passed, len(verdict.failed)


def tell(what: str, passed: int, failed: int, seconds: float) -> None:
    """Print a total."""
    print(f"{what:<36} {passed} passed, {failed} failed ({seconds:.0f} s)", flush=True)


def judged() -> Iterator[tuple[int, int]]:
    """Serve, and let everybody judge; the totals of each."""
    with serving("suite_server") as address:
        for which in RUNS:
            yield run(address, *which)
    with serving("suite_server", "plain") as address:
        yield from heard("fixtures", typescript(node(), Served(address, FIXTURES, refused=REFUSED)))
    started = time.monotonic()
    with serving("production") as line:
        served = Served(**json.loads(line))
        waited_s = time.monotonic() - started
        print(f"production: {len(served.arguments)} tools, served ({waited_s:.0f} s)", flush=True)
        for client in (typescript(node(), served), inspector(node(), served), fastmcp(served)):
            yield from heard("production", client)


def _noted(folder: Path) -> Iterator[tuple[str, dict[str, str]]]:
    for checks in sorted(folder.glob("*/checks.json")):
        for check in json.loads(checks.read_text(encoding="utf-8")):
            if check["status"] in {"FAILURE", "WARNING"}:
                yield checks.parent.name.removeprefix("server-"), check


def main() -> int:
    """Install, serve, run, and tell."""
    try:
        install()
        totals = list(judged())
    except ConformanceError as failure:
        print(failure, file=sys.stderr)
        return 1
    passed, failed = (sum(column) for column in zip(*totals, strict=True))
    print(f"{passed} passed, {failed} failed")
    return 0 if failed == 0 else 1


if __name__ == "__main__":
    sys.exit(main())
