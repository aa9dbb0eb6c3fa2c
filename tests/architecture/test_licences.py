"""What an image holds may be passed on with it."""

from __future__ import annotations

import re

from licences import licence_of
from sbom import packages
from workspace import REQUIREMENTS, services

TAKEN = {
    *("0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "CC0-1.0", "CNRI-Python", "ISC", "MIT", "MIT-0", "PSF-2.0"),
    *("MPL-2.0", "Unlicense", "Zlib"),  # the files under MPL stay as they are
}
SINGLE = {"pygal": "LGPL-3.0-or-later"}
"""Used as a library, unchanged, and exchangeable by whoever has the image: a charts writer."""


def test_every_licence_of_what_an_image_holds_is_one_we_take() -> None:
    locks = ((REQUIREMENTS / f"{service.name}.txt").read_text("utf-8") for service in services())
    names = {package.name for lock in locks for package in packages(lock)}
    assert len(names) > 50
    found = {name: licence_of(name) for name in sorted(names)}
    assert {name: found[name] for name in SINGLE if name in found} == SINGLE
    refused = {name: licence for name, licence in found.items() if name not in SINGLE and not taken(licence)}
    assert not refused


def taken(licence: str | None) -> bool:
    """Whether every licence of an expression is on the list."""
    named = re.findall(r"[\w.+-]+", licence or "unknown")
    return {each for each in named if each not in {"AND", "OR", "WITH"}} <= TAKEN


def test_a_licence_that_binds_the_whole_and_one_that_is_unknown_are_refused() -> None:
    assert not taken("GPL-3.0-only")
    assert not taken("MIT AND AGPL-3.0-or-later")
    assert not taken(None)
