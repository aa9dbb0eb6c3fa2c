"""Render deploy/kubernetes as kustomize does, and hold every resource strictly against the schemas of Kubernetes.

It knows the parts of kustomize that we use (resources, images, JSON patches with a target) and refuses any other, so
that `make check` needs neither kustomize nor a cluster.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any

import jsonpatch
import kubernetes_validate
import yaml

from workspace import ROOT

FOLDER = ROOT / "deploy" / "kubernetes"
VERSIONS = ("1.35", "1.37")
"""The oldest version of Kubernetes that still gets fixes, and the newest."""

Resource = dict[str, Any]


class NotRendered(Exception):
    """The folder holds what this program does not know, or what does not fit together."""


def kustomizations() -> list[Path]:
    """The folders that can be applied: the base and every overlay."""
    return [path.parent for path in sorted(FOLDER.rglob("kustomization.yaml"))]


def render(folder: Path) -> list[Resource]:
    """Every resource of a folder, as `kubectl kustomize` would print them. Raises NotRendered."""
    wanted = _one(folder / "kustomization.yaml")
    if unknown := wanted.keys() - {"apiVersion", "kind", "resources", "images", "patches"}:
        raise NotRendered(f"{folder.name}: {', '.join(sorted(unknown))} is not rendered here")
    resources = [resource for name in wanted["resources"] for resource in _resources(folder / name)]
    named = [(resource["kind"], resource["metadata"]["name"]) for resource in resources]
    if twice := {each for each in named if named.count(each) > 1}:
        raise NotRendered(f"{folder.name}: {sorted(twice)} more than once")
    for patch in wanted.get("patches", []):
        resources = _patched(resources, patch["target"], yaml.safe_load((folder / patch["path"]).read_text("utf-8")))
    for image in wanted.get("images", []):
        _rename(resources, image)
    return resources


def _resources(path: Path) -> list[Resource]:
    if path.is_dir():
        return render(path.resolve())
    return [resource for resource in yaml.safe_load_all(path.read_text("utf-8")) if resource]


def _one(path: Path) -> Resource:
    loaded: Resource = yaml.safe_load(path.read_text("utf-8"))
    return loaded


def _patched(resources: list[Resource], target: dict[str, str], operations: list[Resource]) -> list[Resource]:
    def aimed_at(resource: Resource) -> bool:
        return (resource["kind"], resource["metadata"]["name"]) == (target["kind"], target["name"])

    if not any(map(aimed_at, resources)):
        raise NotRendered(f"there is no {target['kind']} {target['name']} to be patched")
    patch = jsonpatch.JsonPatch(operations)
    try:
        return [patch.apply(each) if aimed_at(each) else each for each in resources]
    except jsonpatch.JsonPatchException as error:
        raise NotRendered(f"{target['kind']} {target['name']}: {error}") from error


def containers(resource: Resource) -> Iterator[Resource]:
    """Every container that a resource would start, those that come first included."""
    spec = resource.get("spec", {}).get("template", {}).get("spec", {})
    yield from (*spec.get("initContainers", []), *spec.get("containers", []))


def _rename(resources: list[Resource], image: dict[str, str]) -> None:
    for container in (container for resource in resources for container in containers(resource)):
        name = str(container["image"]).rpartition(":")[0]
        if name == image["name"]:
            container["image"] = f"{image['newName']}:{image['newTag']}"


def faults(resources: list[Resource], versions: tuple[str, ...] = VERSIONS) -> Iterator[str]:
    """What the schemas refuse, one line each; an unknown kind or field is refused too."""
    for version, resource in product(versions, resources):
        name = f"{version}: {resource['kind']} {resource['metadata']['name']}"
        try:
            kubernetes_validate.validate(resource, version, strict=True)
        except kubernetes_validate.ValidationError as error:
            yield f"{name}: {'.'.join(map(str, error.absolute_path))}: {error.message}"
        except kubernetes_validate.SchemaNotFoundError as error:
            yield f"{name}: {error.message}"


def main() -> int:
    found = 0
    for folder in kustomizations():
        resources = render(folder)
        for fault in faults(resources):
            found += 1
            print(f"{folder.relative_to(ROOT)}: {fault}")
        print(f"{folder.relative_to(ROOT)}: {len(resources)} resources")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
