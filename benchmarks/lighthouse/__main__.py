"""Lighthouse's marks for every page of the navigation, on the slow phone that it plays, with somebody signed in.

    python -m benchmarks.lighthouse [--runs 1] [PATH ...]

All services run beside the console, as processes of their own. Lighthouse comes from npm as pinned in this folder, with
a Node to run it, and lies in a folder that git ignores. Of several runs the median of each mark counts, for the machine
is shared. Below the marks stands what took points away.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any, Final

from playwright.async_api import async_playwright

from benchmarks.console_live.platform import BROWSER, platform, signed_in
from tillhand_cli.soak.service import free_port
from tillhand_dashboard.domain.navigation import PAGES

HERE: Final = Path(__file__).resolve().parent
CACHE: Final = HERE.parents[1] / ".lighthouse"
PROGRAM: Final = CACHE / "node_modules" / "lighthouse" / "cli" / "index.js"
PROMISED: Final = {"performance": 98, "accessibility": 100, "best-practices": 100}
TIMEOUT_S: Final = 300
TRIES: Final = 3
"""On a busy machine it sometimes misses the beginning of a page."""
FILES: Final = ("package.json", "package-lock.json")


@dataclass(frozen=True, slots=True)
class Report:
    """The marks of a page, and what was found wanting: category, title, and where."""

    marks: Mapping[str, float]
    wanting: frozenset[str]


def install() -> None:
    """Install what is pinned, unless it is there. Scripts of packages are not run."""
    lock = CACHE / FILES[1]
    if PROGRAM.exists() and lock.exists() and lock.read_bytes() == (HERE / FILES[1]).read_bytes():
        return
    npm = shutil.which("npm")
    if npm is None:
        raise SystemExit("npm is not here; Lighthouse comes with it (Debian: apt-get install npm)")
    CACHE.mkdir(exist_ok=True)
    for name in FILES:
        shutil.copyfile(HERE / name, CACHE / name)
    command = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    if subprocess.run(command, cwd=CACHE, check=False, timeout=TIMEOUT_S).returncode != 0:
        lock.unlink()
        raise SystemExit("npm could not install Lighthouse")


def node() -> str:
    """The Node that came with it, else this machine's."""
    brought = next(iter((CACHE / "node_modules").glob("node-linux-*/bin/node")), None)
    if brought is not None:
        brought.chmod(0o755)
    found = str(brought) if brought is not None else shutil.which("node")
    if found is None:
        raise SystemExit("Lighthouse wants a Node of version 22 or newer")
    return found


@asynccontextmanager
async def signed_in_browser(url: str, cookies: Mapping[str, str]) -> AsyncIterator[int]:
    """A browser that somebody has signed in with, and the port at which it takes orders."""
    port = free_port()
    options = ["--no-sandbox", f"--remote-debugging-port={port}"]
    with tempfile.TemporaryDirectory() as profile:
        async with async_playwright() as playwright:
            context = await playwright.chromium.launch_persistent_context(
                profile, executable_path=BROWSER, args=options
            )
            await context.add_cookies([{"name": name, "value": value, "url": url} for name, value in cookies.items()])
            yield port
            await context.close()


async def look(url: str, port: int) -> Report:
    """One run over one page."""
    command = [node(), str(PROGRAM), url, f"--port={port}", "--disable-storage-reset", "--quiet", "--output=json"]
    command.append(f"--only-categories={','.join(PROMISED)}")
    environment = {**os.environ, "CI": "1"}
    for _ in range(TRIES):
        process = await asyncio.create_subprocess_exec(
            *command, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL, env=environment, cwd=CACHE
        )
        async with asyncio.timeout(TIMEOUT_S):
            told, _ = await process.communicate()
        if process.returncode == 0:
            break
    else:
        raise SystemExit(f"Lighthouse failed for {url}")
    report = json.loads(told)
    marks = {name: 100 * (found["score"] or 0) for name, found in report["categories"].items()}
    return Report(marks, frozenset(wanting(report)))


def wanting(report: Mapping[str, Any]) -> list[str]:
    """Every audit that counts and took points away."""
    found = []
    for name, category in report["categories"].items():
        for each in category["auditRefs"]:
            audit = report["audits"][each["id"]]
            if each["weight"] and audit["score"] is not None and audit["score"] < 0.9:
                found.append(f"{name}: {audit['title']} {audit.get('displayValue', '')}".strip())
    return found


async def main(paths: list[str], runs: int) -> int:
    """Print a line for each page; how many of the promises do not hold."""
    install()
    broken = 0
    with tempfile.TemporaryDirectory(prefix="tillhand-lighthouse-") as name:
        async with platform(Path(name)) as opened:
            for _ in range(3):
                await opened.propose()
            url, cookies = opened.url("dashboard"), await signed_in(opened)
            async with signed_in_browser(url, cookies) as port:
                print(f"{'page':<16}" + "".join(f"{each:>16}" for each in PROMISED))
                for path in paths:
                    reports = [await look(f"{url}{path}", port) for _ in range(runs)]
                    marks = {each: median(report.marks[each] for report in reports) for each in PROMISED}
                    print(f"{path:<16}" + "".join(f"{mark:>16.0f}" for mark in marks.values()), flush=True)
                    for each in sorted(frozenset.union(*(report.wanting for report in reports))):
                        print(f"  {each}", flush=True)
                    broken += sum(marks[each] < least for each, least in PROMISED.items())
    return broken


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=1)
    parser.add_argument("paths", nargs="*")
    options = parser.parse_args()
    given = options.paths or [entry.path for entry in PAGES]
    sys.exit(1 if asyncio.run(main(given, options.runs)) else 0)
