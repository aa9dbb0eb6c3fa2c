"""Prepare a release: `tools/release.py 0.2.0`, or with `--dry-run` say what that would do (`make release ARGS=…`).

The version stands in one place, libs/common/pyproject.toml; every other place is written from it, and a test compares
them. The changelog's unreleased section becomes the version's; a commit and an annotated tag hold both. Nothing is
pushed: the commands that come after are printed, for the person who decides.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from workspace import ROOT

PLACES = {
    "libs/*/pyproject.toml": r'(?m)^(?:version = "|  "tillhand-[a-z]+==)({version})(?=")',
    "services/*/pyproject.toml": r'(?m)^(?:version = "|  "tillhand-[a-z]+==)({version})(?=")',
    "deploy/Dockerfile": r"(?m)^ARG VERSION=({version})$",
    "deploy/compose.yaml": r"tillhand/[a-z]+:({version})(?=\}})",
    "docs/settings.md": r"(?:tillhand/[a-z]+:|`VERSION` \| `)({version})\b",
    "deploy/kubernetes/**/*.yaml": r"(?:tillhand/[a-z]+:|newTag: )({version})\b",
}
"""Where the version stands, by files, and how."""
ANY = r"\d+\.\d+\.\d+"
UNRELEASED = re.compile(r"^## \[Unreleased\]\n(?P<body>.*?)(?=^## \[|\Z)", re.MULTILINE | re.DOTALL)
AFTERWARDS = (
    "make sbom                                         # dist/sbom, one bill of materials for each image",
    "docker compose --file deploy/compose.yaml build   # the images, tagged {version}",
    "make stack-test                                   # they run, hardened, and keep their data",
    "git push --follow-tags                            # when all of that is good",
)


class Refused(Exception):
    """The release cannot be made; the message says what to do first."""


@dataclass(frozen=True)
class Plan:
    """What a release changes: the new text of each file."""

    version: str
    before: str
    files: dict[Path, str]


def current(root: Path) -> str:
    """The version that the workspace has."""
    text = (root / "libs" / "common" / "pyproject.toml").read_text("utf-8")
    found = re.search(rf'^version = "({ANY})"$', text, re.MULTILINE)
    if found is None:
        raise Refused("libs/common/pyproject.toml has no version")
    return found[1]


def places(root: Path, version: str = ANY) -> Iterator[tuple[Path, re.Pattern[str]]]:
    """Every file that holds a version, and where in it."""
    for files, pattern in PLACES.items():
        for path in sorted(root.glob(files)):
            yield path, re.compile(pattern.format(version=version))


def strays(root: Path) -> list[str]:
    """The places that hold another version than the one place."""
    version = current(root)
    found = [
        f"{path.relative_to(root)}: {match[1]}"
        for path, pattern in places(root)
        for match in pattern.finditer(path.read_text("utf-8"))
        if match[1] != version
    ]
    return sorted(set(found))


def plan(root: Path, version: str, day: str) -> Plan:
    """What a release of this version changes. Raises Refused."""
    before = current(root)
    if not re.fullmatch(ANY, version) or _numbers(version) <= _numbers(before):
        raise Refused(f"{version} is no version after {before}")
    if wrong := strays(root):
        raise Refused(f"these places hold another version than {before}: {', '.join(wrong)}")
    files = {root / "CHANGELOG.md": _changelog((root / "CHANGELOG.md").read_text("utf-8"), version, day)}
    for path, pattern in places(root, re.escape(before)):
        text = path.read_text("utf-8")
        changed = pattern.sub(lambda match: match[0].removesuffix(match[1]) + version, text)
        if changed != text:
            files[path] = changed
    return Plan(version, before, files)


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(map(int, version.split(".")))


def _changelog(text: str, version: str, day: str) -> str:
    found = UNRELEASED.search(text)
    if found is None or not found["body"].strip():
        raise Refused("CHANGELOG.md says nothing under [Unreleased]: what is there to release?")
    return text[: found.start("body")] + f"\n## [{version}] - {day}\n" + text[found.start("body") :]


def git(root: Path, *arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=root, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise Refused(done.stderr.strip() or f"git {arguments[0]} failed")
    return done.stdout.strip()


def release(root: Path, version: str, day: str, *, dry_run: bool) -> Iterator[str]:
    """Make the commit and the tag, or only tell. Yields a line for each thing done. Raises Refused before any."""
    planned = plan(root, version, day)
    if git(root, "tag", "--list", f"v{version}"):
        raise Refused(f"there is a tag v{version} already")
    if git(root, "status", "--porcelain"):
        raise Refused("the tree holds changes that no commit has: commit them first")
    verb = "would write" if dry_run else "wrote"
    for path, text in planned.files.items():
        if not dry_run:
            path.write_text(text, "utf-8")
        yield f"{verb} {path.relative_to(root)}"
    if not dry_run:
        git(root, "commit", "--quiet", "--all", "--message", f"Release {version}")
        git(root, "tag", "--annotate", f"v{version}", "--message", f"Tillhand {version}")
    yield f"{'would tag' if dry_run else 'tagged'} v{version} (after {planned.before})"
    yield from ("next:", *(f"  {line.format(version=version)}" for line in AFTERWARDS))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else "")
    parser.add_argument("version")
    parser.add_argument("--dry-run", action="store_true", help="say what would be done, and do nothing")
    parser.add_argument("--date", default=f"{datetime.now(UTC):%Y-%m-%d}", help="the day in the changelog")
    given = parser.parse_args()
    try:
        for line in release(ROOT, given.version, given.date, dry_run=given.dry_run):
            print(line)
    except Refused as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
