"""Front matter: the YAML block before a Markdown document."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping

import yaml

from tillhand_rag.adapters.parsing.canonical import one_line
from tillhand_rag.domain.documents import AttributeValue

_BLOCK = re.compile(r"\A---[ \t]*\n(?P<yaml>.*?)^(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL | re.MULTILINE)
_LINE = re.compile(r"^(?P<key>[A-Za-z_][\w.-]*):[ \t]+(?P<value>\S.*)$", re.MULTILINE)
_NAME = re.compile(r"[A-Za-z_][\w.-]{0,63}")
_MAX_ATTRIBUTES = 64
_MAX_VALUE_CHARACTERS = 500


def split_front_matter(source: str) -> tuple[Mapping[str, object], str]:
    """The front matter's fields, and the source after it.

    Front matter that is no valid YAML (an unquoted colon in a title is common) is read line by line instead.
    """
    match = _BLOCK.match(source)
    if match is None:
        return {}, source
    block = match["yaml"]
    try:
        fields = yaml.safe_load(block)
    except (yaml.YAMLError, ValueError, RecursionError):
        fields = {line["key"]: line["value"].strip().strip("\"'") for line in _LINE.finditer(block)}
    if fields is None:
        return {}, source[match.end() :]
    if not isinstance(fields, dict):
        # A thematic break, not front matter: what follows it is text.
        return {}, source
    return {str(key): value for key, value in fields.items()}, source[match.end() :]


def text_field(fields: Mapping[str, object], name: str) -> str:
    """A field as one line of text, empty when it is absent or no scalar."""
    value = fields.get(name)
    return one_line(str(value)) if isinstance(value, str | int | float) else ""


def scalar_attributes(fields: Mapping[str, object], *, without: frozenset[str]) -> dict[str, AttributeValue]:
    """The fields that a filter can compare; dates become RFC 3339 text."""
    attributes: dict[str, AttributeValue] = {}
    for name, value in fields.items():
        scalar = _scalar(value)
        if scalar is not None and name not in without and _NAME.fullmatch(name) and len(attributes) < _MAX_ATTRIBUTES:
            attributes[name] = scalar
    return attributes


def _scalar(value: object) -> AttributeValue | None:
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, str):
        text = one_line(value)
        return text if 0 < len(text) <= _MAX_VALUE_CHARACTERS else None
    return value if isinstance(value, bool | int | float) else None
