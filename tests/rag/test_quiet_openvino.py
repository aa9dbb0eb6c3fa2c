"""OpenVINO reports nothing to anybody: where it is used, its telemetry cannot be imported."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import tillhand_rag

USED = """
from tillhand_rag.adapters.embedding.quiet_openvino import openvino
from openvino.tools.ovc import convert_impl, main, telemetry_utils, utils
print({module.tm.__name__ for module in (convert_impl, main, telemetry_utils, utils)})
"""


def test_openvino_uses_the_stub_of_its_telemetry() -> None:
    done = subprocess.run([sys.executable, "-c", USED], capture_output=True, text=True, check=True, timeout=120)
    assert done.stdout.strip() == "{'openvino.tools.ovc.telemetry_stub'}"


def test_it_is_imported_in_one_place() -> None:
    package = Path(tillhand_rag.__file__).parent
    plain = re.compile(r"^\s*(import openvino\b|from openvino\b)", re.MULTILINE)
    importing = [file.name for file in package.rglob("*.py") if plain.search(file.read_text("utf-8"))]
    assert importing == ["quiet_openvino.py"]
