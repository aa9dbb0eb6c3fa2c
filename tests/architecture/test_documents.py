"""Documents cannot rot: what exists is described, what is described exists."""

from __future__ import annotations

import importlib
import re
from pathlib import Path

import pytest
import typer.main
from fastapi import FastAPI
from typer.core import TyperGroup

from declarations import settings_class
from tests.architecture.repository import Repository
from tillhand_cli.__main__ import app as command_line
from workspace import services

LINK = re.compile(r"\[[^\]]*\]\(([^)#\s]+)(?:#[^)]*)?\)")
REQUIRED = (
    "README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md", "LICENSE", "NOTICE", "docs/architecture.md",
    "docs/settings.md", "docs/errors.md", "docs/metrics.md", "docs/api.md", "docs/cli.md", "docs/dependencies.md",
    "docs/slos.md", "docs/knowledge-base.md", "docs/prompt-injection.md",
)  # fmt: skip


@pytest.mark.parametrize("path", REQUIRED)
def test_the_document_exists(repository: Repository, path: str) -> None:
    assert len(repository.read(path)) > 200


@pytest.mark.parametrize(
    "path", ["docs/settings.md", "docs/errors.md", "docs/metrics.md", "docs/api.md", "docs/cli.md"]
)
def test_every_row_of_a_table_says_what_it_means(repository: Repository, path: str) -> None:
    rows = [line for line in repository.read(path).splitlines() if line.startswith("| `")]
    assert rows
    assert not [row for row in rows if len(row.split("|")[-2].strip()) < 8]


def test_links_between_documents_lead_somewhere(repository: Repository) -> None:
    broken = [
        f"{path}: {target}"
        for path, text in repository.texts(".md")
        if not path.startswith("samples/")
        for target in LINK.findall(text)
        if "://" not in target and not (repository.root / Path(path).parent / target).exists()
    ]
    assert not broken


def test_commands_named_in_documents_exist(repository: Repository) -> None:
    root = typer.main.get_command(command_line)
    assert isinstance(root, TyperGroup)
    targets = set(re.findall(r"^([a-z-]+):", repository.read("Makefile"), re.MULTILINE))
    for path, text in repository.texts(".md"):
        if path.startswith(("docs/", "README", "CONTRIBUTING", "SECURITY")):
            commands = set(re.findall(r"(?:^|`)tillhand ([a-z]+)", text, re.MULTILINE))
            assert commands <= set(root.commands), path
            assert set(re.findall(r"(?:^|`)make ([a-z-]+)", text, re.MULTILINE)) <= targets, path


@pytest.fixture
def apps(tmp_path: Path) -> list[FastAPI]:
    """Every service, made and not started."""
    return [
        importlib.import_module(f"{service.package}.app").create_app(settings_class(service)(data_dir=tmp_path))
        for service in services()
    ]


def test_a_picture_shows_no_route_that_does_not_exist(repository: Repository, apps: list[FastAPI]) -> None:
    routes = {path for app in apps for path in app.openapi()["paths"]}
    shown = {(path, route) for path, text in repository.texts(".svg") for route in re.findall(r"/v1/[\w/{}-]*", text)}
    assert shown
    assert not {(path, route) for path, route in shown if route not in routes}


def test_the_middlewares_are_listed_in_their_order(repository: Repository, apps: list[FastAPI]) -> None:
    listed = re.findall(r"^\d+\. \*\*.+?\*\* \(`(\w+)`\)", repository.read("docs/architecture.md"), re.MULTILINE)
    for app in apps:
        assert listed == [getattr(middleware.cls, "__name__", "") for middleware in app.user_middleware]


def test_the_changelog_keeps_its_form(repository: Repository) -> None:
    headings = re.findall(r"^(#+) (.+)$", repository.read("CHANGELOG.md"), re.MULTILINE)
    kinds = {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}
    assert headings[0] == ("#", "Changelog")
    assert headings[1] == ("##", "[Unreleased]")
    assert all(
        re.fullmatch(r"\[(Unreleased|\d+\.\d+\.\d+)\]( - \d{4}-\d\d-\d\d)?", text)
        for level, text in headings
        if level == "##"
    )
    assert {text for level, text in headings if level == "###"} <= kinds


def test_decisions_are_numbered_listed_and_complete(repository: Repository) -> None:
    pages = sorted(path for path in repository.files if re.match(r"docs/decisions/\d{4}-", path))
    index = repository.read("docs/decisions/README.md")
    assert [int(Path(path).name[:4]) for path in pages] == list(range(1, len(pages) + 1))
    for path in pages:
        text = repository.read(path)
        assert Path(path).name in index
        assert re.findall(r"^## (.+)$", text, re.MULTILINE) == ["Context", "Decision", "Consequences"]
        assert text.count("\n") < 60, f"{path} is longer than a page"


def test_the_licence_is_named_everywhere_alike(repository: Repository) -> None:
    assert "Apache License" in repository.read("LICENSE")
    members = [text for path, text in repository.texts("pyproject.toml") if "/" in path]
    assert members
    assert all('license = "Apache-2.0"' in text for text in members)
