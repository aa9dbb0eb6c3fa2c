"""What is installed: pinned, hashed, without addresses, and each direct dependency with a reason."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from collections.abc import Iterable
from importlib import metadata
from pathlib import Path

import pytest

from tests.architecture.repository import Repository

ROOT = Path(__file__).resolve().parents[2]
OURS = {"tests", "benchmarks"}
HASHED = (
    "build",
    "app",
    "analytics",
    "rag",
    "approvals",
    "dashboard",
    "mcp",
    "dev",
    "model",
    "llm",
    "ner",
    "node",
    "schemas",
    "judges",
)
UNHASHED = ("torch", "peers")  # torch's CPU build has other hashes where it comes from a wheel folder
PIN = re.compile(r"^([a-z0-9][a-z0-9._-]*)==(\S+)", re.MULTILINE)
MEMBERS = sorted(str(path.parent.relative_to(ROOT)) for path in ROOT.glob("*/*/pyproject.toml"))
# What a member declares and never imports, and who loads it instead.
LOADED_BY_OTHERS = {
    "libs/common": {
        "uvloop": "uvicorn, which takes it for the event loop where it is installed",
        "httptools": "uvicorn, in the protocol that ours derives from",
        "python-multipart": "starlette, when a route reads a form",
    },
    "services/approvals": {"aiosqlite": "SQLAlchemy, as the driver of a SQLite file"},
    "services/rag": {"onnx": "torch, at the end of an export"},
}


def pins(repository: Repository, lock: str) -> dict[str, str]:
    return dict(PIN.findall(repository.read(f"requirements/{lock}.txt")))


def names(lines: Iterable[str]) -> set[str]:
    """The distributions that requirement lines name, as the locks spell them."""
    return {re.split(r"[\[<>=;!~ ]", line)[0].lower() for line in lines if line and line[0] != "#"}


def declared(repository: Repository, folder: str) -> set[str]:
    """What a member declares, extras included."""
    project = tomllib.loads(repository.read(f"{folder}/pyproject.toml"))["project"]
    extras = project.get("optional-dependencies", {}).values()
    return names([*project["dependencies"], *(line for extra in extras for line in extra)])


def direct_dependencies(repository: Repository) -> set[str]:
    """Names in the members' pyproject files and in requirements/*.in, without our own."""
    found = names(line for _, text in repository.texts(".in") for line in text.splitlines())
    found = found.union(*(declared(repository, folder) for folder in MEMBERS))
    return {name for name in found if not name.startswith("tillhand-")}


@pytest.mark.parametrize("lock", HASHED + UNHASHED)
def test_a_lock_pins_exactly_and_names_no_address(repository: Repository, lock: str) -> None:
    text = repository.read(f"requirements/{lock}.txt")
    entries = [line for line in text.splitlines() if line and not line.startswith((" ", "#"))]
    assert entries
    assert all(PIN.match(line) for line in entries)
    assert not re.search(r"://|--(?:index|extra-index|find-links)|@ |file:", text)


@pytest.mark.parametrize("lock", HASHED)
def test_a_lock_gives_the_hash_of_every_package(repository: Repository, lock: str) -> None:
    text = repository.read(f"requirements/{lock}.txt")
    without = [
        name
        for name, body in re.findall(r"^(\S+)==(.*?)(?=^\S|\Z)", text, re.MULTILINE | re.DOTALL)
        if "sha256:" not in body
    ]
    assert not without


@pytest.mark.parametrize("lock", HASHED + UNHASHED)
def test_no_lock_brings_cuda(repository: Repository, lock: str) -> None:
    assert not [name for name in pins(repository, lock) if re.match(r"nvidia-|cuda-|triton", name)]


def test_locks_of_one_environment_agree(repository: Repository) -> None:
    app = pins(repository, "app")
    for lock in ("rag", "dev", "torch"):
        other = pins(repository, lock)
        assert not {name for name in app.keys() & other.keys() if app[name] != other[name]}


def test_an_image_carries_no_torch(repository: Repository) -> None:
    assert "torch" not in pins(repository, "rag")


def test_the_locks_hold_every_direct_dependency(repository: Repository) -> None:
    locked = {name for lock in HASHED + UNHASHED for name in pins(repository, lock)}
    assert direct_dependencies(repository) <= locked


def test_every_direct_dependency_has_one_reason(repository: Repository) -> None:
    table = re.findall(r"^\| `([^`]+)` \| (.+?) \|$", repository.read("docs/dependencies.md"), re.MULTILINE)
    documented = [name.lower() for name, reason in table if len(reason) > 10]
    assert sorted(documented) == sorted(direct_dependencies(repository))


def imported_by(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    return [node.module or ""] if isinstance(node, ast.ImportFrom) else []


def imported_modules(repository: Repository, folder: str) -> set[str]:
    """The packages outside the standard library that the files below a folder import, wherever in a file."""
    return {
        name.split(".")[0]
        for path, text in repository.texts(".py")
        if path.startswith(f"{folder}/")
        for node in ast.walk(ast.parse(text))
        for name in imported_by(node)
    } - sys.stdlib_module_names


def imported_distributions(repository: Repository, folder: str) -> set[str]:
    """The distributions whose modules a member imports, by what is installed here; some ship their own `tests`."""
    owners = metadata.packages_distributions()
    found = {owners[module][0] for module in imported_modules(repository, folder) - OURS if module in owners}
    return {name.lower().replace("_", "-") for name in found}


@pytest.mark.parametrize("folder", MEMBERS)
def test_a_member_declares_what_it_imports(repository: Repository, folder: str) -> None:
    itself = f"tillhand-{Path(folder).name}"
    # The chassis is built on these and gives them to every member: naming them again would only let versions drift.
    through_chassis = {"fastapi", "starlette", "pydantic", "pydantic-settings", "structlog", "uvicorn"}
    assert imported_distributions(repository, folder) <= declared(repository, folder) | {itself} | through_chassis


@pytest.mark.parametrize("folder", MEMBERS)
def test_a_member_imports_what_it_declares(repository: Repository, folder: str) -> None:
    # A package that is not installed here, such as one of an extra, is known by its name alone.
    by_name = {module.lower().replace("_", "-") for module in imported_modules(repository, folder)}
    unused = declared(repository, folder) - imported_distributions(repository, folder) - by_name
    assert unused == LOADED_BY_OTHERS.get(folder, {}).keys()


@pytest.mark.parametrize("folder", ["tests", "benchmarks", "tools"])
def test_what_tests_and_programs_import_is_installed_by_set_up(repository: Repository, folder: str) -> None:
    through_fastapi = {"starlette"}
    assert imported_distributions(repository, folder) <= direct_dependencies(repository) | through_fastapi
