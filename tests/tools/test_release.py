"""A release: one version everywhere, the changelog's section, a commit and a tag, and nothing by halves."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from release import ANY, Refused, current, places, release, strays
from workspace import ROOT

DAY = "2026-12-01"


def git(root: Path, *arguments: str) -> str:
    identity = ("-c", "user.name=t", "-c", "user.email=t@example.com")
    done = subprocess.run(["git", *identity, *arguments], cwd=root, capture_output=True, text=True, check=True)
    return done.stdout.strip()


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A repository with the files of this one that hold a version, and a changelog."""
    for path, _ in places(ROOT):
        copy = tmp_path / path.relative_to(ROOT)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_text(path.read_text("utf-8"), "utf-8")
    (tmp_path / "CHANGELOG.md").write_text("# Changelog\n\n## [Unreleased]\n\n### Added\n\n- A thing.\n")
    git(tmp_path, "init", "--quiet")
    git(tmp_path, "config", "user.name", "t")
    git(tmp_path, "config", "user.email", "t@example.com")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "--quiet", "--message", "Begin")
    return tmp_path


def after(root: Path) -> str:
    """The next version."""
    major, minor, _ = current(root).split(".")
    return f"{major}.{int(minor) + 1}.0"


def test_the_version_is_one_wherever_it_stands() -> None:
    assert not strays(ROOT)
    members = {path for path, pattern in places(ROOT) if path.name == "pyproject.toml"}
    assert len(members) == len(list(ROOT.glob("libs/*/pyproject.toml"))) + len(
        list(ROOT.glob("services/*/pyproject.toml"))
    )
    assert all(pattern.search(path.read_text("utf-8")) for path, pattern in places(ROOT) if path in members)


def test_a_place_that_was_forgotten_is_named(tree: Path) -> None:
    compose = tree / "deploy" / "compose.yaml"
    compose.write_text(re.sub(rf"tillhand/rag:{ANY}", "tillhand/rag:9.9.9", compose.read_text()))
    assert strays(tree) == ["deploy/compose.yaml: 9.9.9"]
    with pytest.raises(Refused, match="another version"):
        list(release(tree, after(tree), DAY, dry_run=True))


def test_a_dry_run_says_everything_and_changes_nothing(tree: Path) -> None:
    version = after(tree)
    lines = list(release(tree, version, DAY, dry_run=True))
    assert "would write CHANGELOG.md" in lines
    assert "would write services/rag/pyproject.toml" in lines
    assert any("docker compose" in line and version in line for line in lines)
    assert git(tree, "status", "--porcelain") == ""
    assert git(tree, "tag") == ""


def test_a_release_is_one_commit_and_one_tag_with_the_version_everywhere(tree: Path) -> None:
    version, before = after(tree), current(tree)
    list(release(tree, version, DAY, dry_run=False))
    assert current(tree) == version
    assert not strays(tree)
    changed = git(tree, "show", "--format=", "--name-only", f"v{version}").split()
    assert {"CHANGELOG.md", "deploy/Dockerfile", "deploy/compose.yaml", "libs/cli/pyproject.toml"} <= set(changed)
    assert "deploy/kubernetes/base/rag.yaml" in changed
    assert git(tree, "status", "--porcelain") == ""
    assert not [path for path, pattern in places(tree, re.escape(before)) if pattern.search(path.read_text("utf-8"))]
    text = (tree / "CHANGELOG.md").read_text()
    assert text == f"# Changelog\n\n## [Unreleased]\n\n## [{version}] - {DAY}\n\n### Added\n\n- A thing.\n"


def test_what_must_not_be_released_is_refused_and_says_why(tree: Path) -> None:
    version = after(tree)
    for wrong in (current(tree), "0.0.1", "v9.9.9", "next"):
        with pytest.raises(Refused, match="no version after"):
            list(release(tree, wrong, DAY, dry_run=False))
    (tree / "stray.txt").write_text("x")
    with pytest.raises(Refused, match="commit them first"):
        list(release(tree, version, DAY, dry_run=False))
    (tree / "stray.txt").unlink()
    list(release(tree, version, DAY, dry_run=False))
    with pytest.raises(Refused, match="says nothing"):
        list(release(tree, after(tree), DAY, dry_run=False))
    git(tree, "tag", f"v{after(tree)}")
    (tree / "CHANGELOG.md").write_text("## [Unreleased]\n\n- More.\n")
    git(tree, "commit", "--quiet", "--all", "--message", "Go on")
    with pytest.raises(Refused, match="a tag"):
        list(release(tree, after(tree), DAY, dry_run=False))
