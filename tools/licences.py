"""What the packages that are installed here say of their licences, as SPDX expressions."""

from __future__ import annotations

from importlib import metadata

FOR_CLASSIFIER = {
    "Apache Software License": "Apache-2.0",
    "BSD License": "BSD-3-Clause",
    "GNU Lesser General Public License v3 or later (LGPLv3+)": "LGPL-3.0-or-later",
    "ISC License (ISCL)": "ISC",
    "MIT License": "MIT",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "Python Software Foundation License": "PSF-2.0",
}
FOR_WORDS = {
    "3-Clause BSD License": "BSD-3-Clause",
    "Apache License, Version 2.0": "Apache-2.0",
    "BSD-3-Clause, Apache-2.0, dependency licenses": "BSD-3-Clause AND Apache-2.0",
}
"""How some packages word it that use neither an expression nor a classifier."""


def licence_of(distribution: str) -> str | None:
    """The licence as a package states it: its expression, else its classifiers, else its words; None if not here."""
    try:
        about = metadata.metadata(distribution)
    except metadata.PackageNotFoundError:
        return None
    if expression := _first(about, "License-Expression"):
        return expression
    classifiers = [text.rpartition(" :: ")[2] for text in about.get_all("Classifier") or () if "License ::" in text]
    named = sorted({FOR_CLASSIFIER[each] for each in classifiers if each in FOR_CLASSIFIER})
    if named:
        return " OR ".join(named)
    words = _first(about, "License").partition("\n")[0].strip()
    return FOR_WORDS.get(words, words or None)


def _first(about: metadata.PackageMetadata, field: str) -> str:
    return next(iter(about.get_all(field) or ()), "")
