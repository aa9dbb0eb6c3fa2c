"""Fetch what browsers are given, and what judges our pages (`python tools/browser.py [FOLDER] [--shipped]`).

htmx goes to every browser that opens the console, uPlot to those in which somebody looks at a chart more nearly;
axe-core only checks our pages in tests, so an image goes without it (`--shipped`). All come from npm as pinned, are
checked against digests that stand here, and are never committed. Where they lie already and are whole, nothing is
fetched. Standard library only.
"""

from __future__ import annotations

import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from schemas import Part, SchemasError, members, npm, publish, run, sha256, whole

FOLDER = Path(sys.prefix) / "share" / "tillhand" / "browser"


@dataclass(frozen=True)
class Package:
    """A package of npm, the digest of its tarball, what is taken out of it, and whose it is."""

    name: str
    digest: str
    parts: tuple[Part, ...]
    notice: str
    shipped: bool


def part(member: str, name: str, digest: str) -> Part:
    return Part(f"package/{member}", digest, name, digest)


PACKAGES = (
    Package(
        "htmx.org@4.0.1",
        "5fba65616ca148a86d377e9771bcada7f35faee3558651feb929eea425e13b3c",
        (
            part("dist/htmx.min.js", "htmx.js", "a0abb04f2f45a1f89d1d4844023245537e5e6014c87b144553e0607b4cc32130"),
            part("LICENSE", "LICENSE.htmx", "d3d2456f76414f2456104660ebd65aff1c04cd7966b942bdabd63f3cdb316a38"),
        ),
        "htmx.js: dist/htmx.min.js of the npm package htmx.org@4.0.1, unchanged. Zero-Clause BSD, see LICENSE.htmx.",
        shipped=True,
    ),
    Package(
        "uplot@1.6.32",
        "4b8a8191e425658e3ea8c8c1314b0fc679c861ee3a1af2b20c7b16ba50b5133d",
        (
            part("dist/uPlot.esm.js", "uplot.js", "5dd9b3281aa64b461b42d9945f6adb2649d346502b12281a9ae0d46599a80eba"),
            part("dist/uPlot.min.css", "uplot.css", "df630c6a8d6f8eeaff264b50f73ce5b114f646ffd9a0bb74f049b0a00135fa04"),
            part("LICENSE", "LICENSE.uplot", "8f989229699b4fe2f1a0432d0e9edc338a8a911e250e2d1b01ecd770a5f5b1bd"),
        ),
        "uplot.js, uplot.css: dist/uPlot.esm.js and dist/uPlot.min.css of the npm package uplot@1.6.32, unchanged. "
        "MIT: see LICENSE.uplot.",
        shipped=True,
    ),
    Package(
        "axe-core@4.14.1",
        "e6b0ce02b84d892e2e33e403485e7f3d6c29e2be6df65daf44d89ba564139745",
        (
            part("axe.min.js", "axe.js", "29348999450cdf2849a8e70b7912fc2da85a849da39c0d0d5394f51d4a9ed95c"),
            part("LICENSE", "LICENSE.axe", "af175b9d96ee93c21a036152e1b905b0b95304d4ae8c2c921c7609100ba8df7e"),
        ),
        "axe.js: axe.min.js of the npm package axe-core@4.14.1, unchanged. Mozilla Public License 2.0: see LICENSE.axe",
        shipped=False,
    ),
)


def fetch_package(package: Package, folder: Path) -> None:
    """Have npm fetch the tarball as published, nothing in it run, and keep the wanted parts."""
    with tempfile.TemporaryDirectory() as name:
        scratch = Path(name)
        run(*npm(scratch), "pack", package.name, "--loglevel=error", "--ignore-scripts", cwd=scratch)
        tarball = next(scratch.glob("*.tgz"))
        if sha256(tarball.read_bytes()) != package.digest:
            raise SchemasError(f"{package.name} is not the one that was pinned. Nothing was changed; report it.")
        found = members(tarball, {part.member for part in package.parts})
        for part in package.parts:
            content = found.get(part.member, b"")
            if sha256(content) != part.digest:
                raise SchemasError(f"{package.name} lacks {part.member} as it was pinned. Nothing was changed.")
            (scratch / part.name).write_bytes(content)
        publish(scratch, folder, package.parts)


def fetch(folder: Path, *, shipped: bool) -> int:
    """Bring the folder up to date and return how many packages had to be fetched."""
    wanted = [package for package in PACKAGES if package.shipped or not shipped]
    missing = [package for package in wanted if not whole(folder, package.parts)]
    for package in missing:
        fetch_package(package, folder)
    told = ["What lies here was written by others; `python tools/browser.py` of Tillhand put it here."]
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "NOTICE").write_text("\n\n".join([*told, *(package.notice for package in wanted)]) + "\n")
    return len(missing)


def main() -> int:
    given = [argument for argument in sys.argv[1:] if not argument.startswith("--")]
    folder = Path(given[0]) if given else FOLDER
    try:
        fetched = fetch(folder, shipped="--shipped" in sys.argv[1:])
    except SchemasError as failure:
        print(f"browser: {str(failure).replace('schemas', 'browser')}", file=sys.stderr)
        return 1
    print(f"{fetched} packages fetched into {folder}" if fetched else f"{folder} is up to date")
    return 0


if __name__ == "__main__":
    sys.exit(main())
