"""Write a bill of materials for each service's image, as CycloneDX JSON in dist/sbom (`make sbom`).

It is made of the locks that the image is installed from: the packages that a Linux image takes, each with its version,
the hashes that the lock takes for it (one for each file that there is of it) and its licence, and our own members. The
same tree gives the same bytes. What the base image brings, the model's weights and the browser's scripts are not in it.
"""

from __future__ import annotations

import hashlib
import json
import re
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import NAMESPACE_URL, uuid5

from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.model import HashAlgorithm, HashType
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.output.json import JsonV1Dot6
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from packageurl import PackageURL
from packaging.requirements import Requirement

from licences import licence_of
from lock import closure
from workspace import REQUIREMENTS, ROOT, Member, services

OUTPUT = ROOT / "dist" / "sbom"
VERSION = SchemaVersion.V1_6
IMAGE = {
    "implementation_name": "cpython",
    "os_name": "posix",
    "platform_machine": "x86_64",
    "platform_python_implementation": "CPython",
    "platform_system": "Linux",
    "python_full_version": "3.11.0",
    "python_version": "3.11",
    "sys_platform": "linux",
}
"""What an image is, as the markers of a lock ask."""
ENTRY = re.compile(r"^(\S.*?)(?: \\)?$((?:\n    --hash=\S+(?: \\)?)*)", re.MULTILINE)


@dataclass(frozen=True)
class Package:
    """One entry of a lock."""

    name: str
    version: str
    hashes: tuple[str, ...]


def packages(lock: str) -> Iterator[Package]:
    """What a Linux image installs of a lock."""
    for match in ENTRY.finditer(lock):
        if match[1].startswith("#"):
            continue
        requirement = Requirement(match[1])
        if requirement.marker is None or requirement.marker.evaluate(IMAGE):
            (pin,) = requirement.specifier
            yield Package(requirement.name, pin.version, tuple(sorted(re.findall(r"--hash=sha256:(\S+)", match[2]))))


def version_of(member: Member) -> str:
    """The version of a member."""
    project = tomllib.loads((member.folder / "pyproject.toml").read_text("utf-8"))["project"]
    return str(project["version"])


def bill(service: Member) -> str:
    """The bill of materials of a service's image. Raises ValueError where it breaks the schema."""
    root = Component(
        name=service.distribution,
        version=version_of(service),
        type=ComponentType.APPLICATION,
        bom_ref=service.distribution,
        purl=_purl(service.distribution, version_of(service)),
        licenses=[LicenseFactory().make_from_string("Apache-2.0")],
    )
    ours = [
        _component(Package(each.distribution, version_of(each), ()), "Apache-2.0") for each in closure(service)[:-1]
    ]
    lock = (REQUIREMENTS / f"{service.name}.txt").read_text("utf-8")
    theirs = [_component(each, licence_of(each.name)) for each in packages(lock)]
    bom = Bom(components=[*ours, *theirs])
    bom.metadata.component = root
    bom.register_dependency(root, bom.components)
    return _reproducible(json.loads(JsonV1Dot6(bom).output_as_string()))


def _component(package: Package, licence: str | None) -> Component:
    return Component(
        name=package.name,
        version=package.version,
        bom_ref=f"{package.name}=={package.version}",
        purl=_purl(package.name, package.version),
        hashes=[HashType(alg=HashAlgorithm.SHA_256, content=each) for each in package.hashes],
        licenses=[LicenseFactory().make_from_string(licence)] if licence else (),
    )


def _purl(name: str, version: str) -> PackageURL:
    return PackageURL("pypi", None, name, version)


def _reproducible(document: dict[str, object]) -> str:
    """The document without the moment, and with a serial number that follows from the rest."""
    metadata = document["metadata"]
    if isinstance(metadata, dict):
        metadata.pop("timestamp", None)
    document.pop("serialNumber", None)
    digest = hashlib.sha256(json.dumps(document, sort_keys=True).encode()).hexdigest()
    document["serialNumber"] = uuid5(NAMESPACE_URL, digest).urn
    text = json.dumps(document, sort_keys=True, indent=1) + "\n"
    if fault := JsonStrictValidator(VERSION).validate_str(text):
        raise ValueError(str(fault))
    return text


def main(folder: Path = OUTPUT) -> int:
    folder.mkdir(parents=True, exist_ok=True)
    for service in services():
        text = bill(service)
        path = folder / f"{service.distribution}.cdx.json"
        path.write_text(text, "utf-8")
        count = len(json.loads(text)["components"])
        print(f"{path.relative_to(ROOT)}: {count} components, sha256 {hashlib.sha256(text.encode()).hexdigest()}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
