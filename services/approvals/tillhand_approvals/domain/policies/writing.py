"""Policies as the JSON document that they can be read from again: what is as it would be anyway is left out."""

from __future__ import annotations

from dataclasses import MISSING, Field, fields, is_dataclass
from typing import Any, Final

from tillhand_approvals.domain.policies.documents import Policies, Rule

_ORDER: Final = ("version", "default", "timezone", "id", "description", "when", "then", "rules")
"""As people like to read it; other members follow in the order in which they are declared."""
_ALWAYS: Final = {Policies: {"version", "default", "rules"}, Rule: {"id", "then"}}


def written(policies: Policies) -> dict[str, Any]:
    """The document; reading it gives the same policies."""
    document: dict[str, Any] = _plain(policies)
    return document


def _plain(value: Any) -> Any:  # noqa: ANN401  # whatever a document holds
    if isinstance(value, tuple):
        return [_plain(each) for each in value]
    if not is_dataclass(value):
        return value
    kept = [each for each in fields(value) if _is_told(value, each)]
    kept.sort(key=lambda each: _ORDER.index(each.name) if each.name in _ORDER else len(_ORDER))
    return {each.name: _plain(getattr(value, each.name)) for each in kept}


def _is_told(owner: Any, field: Field[Any]) -> bool:  # noqa: ANN401  # any of the document's dataclasses
    if field.name in _ALWAYS.get(type(owner), ()):
        return True
    default = field.default if field.default_factory is MISSING else field.default_factory()
    return bool(getattr(owner, field.name) != default)
