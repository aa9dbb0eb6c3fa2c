"""The workspace as the tools see it: its root and its members."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
REQUIREMENTS = ROOT / "requirements"
VENV = ROOT / ".venv"
JUDGES = ROOT / ".venv-judges"
"""Where a stranger's client lives, apart from ours."""


@dataclass(frozen=True)
class Member:
    """One distribution of the workspace: a library under libs/ or a service under services/."""

    kind: str
    name: str

    @property
    def folder(self) -> Path:
        return ROOT / self.kind / self.name

    @property
    def distribution(self) -> str:
        return f"tillhand-{self.name}"

    @property
    def package(self) -> str:
        return f"tillhand_{self.name}"


def members() -> list[Member]:
    """Every folder under libs/ and services/ that carries a pyproject.toml, libraries first."""
    found = [
        Member(kind, project.parent.name)
        for kind in ("libs", "services")
        for project in sorted((ROOT / kind).glob("*/pyproject.toml"))
    ]
    # The chassis is what every other member builds on, so it is installed before them.
    return sorted(found, key=lambda member: (member.kind, member.name != "common", member.name))


def services() -> list[Member]:
    """The members that are started as services."""
    return [member for member in members() if member.kind == "services"]
