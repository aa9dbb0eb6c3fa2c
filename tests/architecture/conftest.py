"""The repository as every architecture test sees it."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.architecture.repository import Repository

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def repository() -> Repository:
    # New files count before they are added, so that a mistake shows before it is committed.
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, check=True, text=True).stdout
    present = {path for path in listed.split("\0") if path and (ROOT / path).is_file()}
    return Repository(ROOT, tuple(sorted(present)))
