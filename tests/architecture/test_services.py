"""Who knows one service knows them all: the same files, in the same layers, with the same contracts."""

from __future__ import annotations

import ast
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

from tests.architecture.repository import Repository

# A name stands for a file, or for a folder where the file would be large.
PARTS = ("app", "settings", "routes", "models", "service", "ports", "domain", "adapters", "store", "errors")
OPTIONAL = {"__main__", "__init__", "commands"}
MORE = {"mcp": {"mock", "schemas"}}
"""What one service has and no other: upstreams to try it with, and the vendors' own descriptions of theirs."""
SERVICES = sorted(path.parent.name for path in Path(__file__).resolve().parents[2].glob("services/*/pyproject.toml"))


def contracts(repository: Repository) -> dict[str, dict[str, Any]]:
    """The import-linter contracts by id, as the root pyproject declares them."""
    tool = tomllib.loads(repository.read("pyproject.toml"))["tool"]["importlinter"]
    return {contract["id"]: contract for contract in tool["contracts"]} | {"root": tool}


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_has_exactly_the_agreed_parts(repository: Repository, service: str) -> None:
    package = repository.root / "services" / service / f"tillhand_{service}"
    found = {path.stem for path in package.iterdir() if path.suffix == ".py" or (path / "__init__.py").is_file()}
    kept = {"store"}  # not every service keeps something in tables
    assert found - OPTIONAL - MORE.get(service, set()) - kept == set(PARTS) - kept
    assert "__main__" in found
    assert (package / "py.typed").is_file()


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_says_in_one_sentence_what_it_is(repository: Repository, service: str) -> None:
    tree = ast.parse(repository.read(f"services/{service}/tillhand_{service}/__init__.py"))
    assert len(tree.body) == 1
    assert (ast.get_docstring(tree) or "").count("\n") == 0


def test_a_service_folder_is_no_package(repository: Repository) -> None:
    assert not [
        path
        for path in repository.files
        if path.startswith("services/") and path.count("/") == 2 and path.endswith("__init__.py")
    ]


def test_the_contracts_name_every_member(repository: Repository) -> None:
    named, services = contracts(repository), {f"tillhand_{name}" for name in SERVICES}
    assert set(named["root"]["root_packages"]) == set(repository.packages)
    assert set(named["services"]["modules"]) == services
    assert set(named["layers"]["containers"]) == services
    assert set(named["domain"]["source_modules"]) == {f"{service}.domain" for service in services}
    assert services <= set(named["chassis"]["forbidden_modules"])
    assert services <= set(named["cli"]["forbidden_modules"])
    assert set(named["http"]["source_modules"]) == set(repository.packages)


def test_the_layers_leave_no_module_out(repository: Repository) -> None:
    layers = contracts(repository)["layers"]
    assert layers["exhaustive"] is True
    listed = {name.strip(" ()") for layer in layers["layers"] for name in layer.split("|")}
    assert listed == set(PARTS) | {"__main__", "commands"} | {part for more in MORE.values() for part in more}


def test_imports_keep_every_contract(repository: Repository) -> None:
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"]
    done = subprocess.run(command, cwd=repository.root, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stdout


def test_the_standard_library_makes_no_requests_of_its_own(repository: Repository) -> None:
    """import-linter sees packages only; these modules would go around the one outgoing client."""
    found = []
    for path, text in repository.texts(".py"):
        if not path.startswith(("libs/", "services/")):
            continue
        for node in ast.walk(ast.parse(text)):
            names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            names += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            found += [f"{path}: {name}" for name in names if name in {"urllib.request", "http.client", "smtplib"}]
    assert not found
