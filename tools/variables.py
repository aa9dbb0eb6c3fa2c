"""Whether every variable that the compose file and the images read is documented with its default, and the reverse."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from typing import Any, Final

import yaml

from workspace import ROOT

# ${NAME:-default}; with one dash an empty value counts as given.
REFERENCE: Final = re.compile(r"\$\{(\w+)(?::?-([^}]*))?\}")
ARGUMENT: Final = re.compile(r"^ARG (\w+)(?:=(\S*))?$", re.MULTILINE)
ROW: Final = re.compile(r"^\| `([A-Z_]+)` \| `?(.*?)`? \|", re.MULTILINE)
SETTING: Final = re.compile(r"^#(TILLHAND_\w+)=", re.MULTILINE)


def read(path: str) -> str:
    return (ROOT / path).read_text("utf-8")


def undocumented(compose: str, dockerfile: str, settings: str) -> Iterator[str]:
    """Differences between what containers read and the tables under *Containers* in docs/settings.md."""
    documented = dict(ROW.findall(settings.partition("\n## Containers\n")[2]))
    # A stage repeats an argument, then without its default.
    defaults = dict(REFERENCE.findall(compose)) | dict(sorted(ARGUMENT.findall(dockerfile)))
    for name in sorted(defaults.keys() | documented.keys()):
        if name not in documented:
            yield f"{name} is read and stands in no table"
        elif name not in defaults:
            yield f"{name} stands in a table and nobody reads it"
        elif documented[name] != defaults[name]:
            yield f"{name} has the default {defaults[name]!r}, documented as {documented[name]!r}"


def unknown(stack: dict[str, Any], example: str) -> Iterator[str]:
    """What is given to a container, or mounted as a secret, that no service reads by this name."""
    # Every service is told of every other, whether it asks there or not.
    settings = set(SETTING.findall(example)) | {f"TILLHAND_{name.upper()}_URL" for name in stack["services"]}
    for service, given in stack["services"].items():
        for name in given.get("environment", {}):
            if name.startswith("TILLHAND_") and name not in settings:
                yield f"{service} is given {name}, which is no setting"
        for secret in given.get("secrets", []):
            if secret not in stack["secrets"]:
                yield f"{service} mounts {secret}, which is not declared"
    for secret in stack["secrets"]:
        if secret.startswith("tillhand_") and secret.upper() not in settings:
            yield f"the secret {secret} is no setting"


def problems() -> list[str]:
    """Everything that differs."""
    compose = read("deploy/compose.yaml")
    documents = read("docs/settings.md")
    found = [*undocumented(compose, read("deploy/Dockerfile"), documents)]
    stack = yaml.safe_load(compose)
    found += [f"the secret {name} stands in no table" for name in stack["secrets"] if f"`{name}`" not in documents]
    return [*found, *unknown(stack, read(".env.example"))]


def main() -> int:
    found = problems()
    print("\n".join(found) or "every variable of the containers is documented with its default")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
