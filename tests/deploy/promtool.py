"""Prometheus' own program, which judges rules."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from tests.deploy.slo_rule_tests import Case, document_of

ROOT: Final = Path(__file__).resolve().parents[2]

promtool = pytest.mark.skipif(
    shutil.which("promtool") is None, reason="promtool is not on the PATH (Debian: package prometheus)"
)


def run_promtool(*arguments: str) -> str:
    """What it prints; fails the test where it finds something wrong."""
    done = subprocess.run(["promtool", *arguments], capture_output=True, text=True, check=False, timeout=100)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def try_out(folder: Path, document: dict[str, Any], tests: list[Case], **options: int) -> None:
    """Let promtool judge the cases by these rules."""
    (folder / "rules.yaml").write_text(yaml.safe_dump(document))
    (folder / "tests.yaml").write_text(yaml.safe_dump(document_of(tests, "rules.yaml", **options)))
    assert "SUCCESS" in run_promtool("test", "rules", str(folder / "tests.yaml"))
