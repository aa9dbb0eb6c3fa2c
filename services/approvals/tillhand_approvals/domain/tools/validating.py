"""Arguments against a tool's schema, by the `jsonschema` library, with three keywords of our own.

Its own patterns are matched by backtracking, which an argument can make take for ever; and its own `uniqueItems`
compares each item with each other. Beyond that every call has a budget of steps, so that no schema, however its
alternatives multiply, holds the service up: where it runs out, the arguments are refused.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextvars import ContextVar
from functools import lru_cache
from typing import Any, Final

from jsonschema import Draft202012Validator, ValidationError
from jsonschema.validators import extend

from tillhand_approvals.domain import patterns
from tillhand_approvals.domain.canonical import canonical, escaped, json_faults
from tillhand_approvals.domain.tools.faults import Fault

MOST_FAULTS: Final = 20
MOST_STEPS: Final = 50_000
"""Keywords that are asked in one call; a thousand entries of ten members, each with a type and a bound, take 23,000."""
LONGEST_SHOWN: Final = 200
_TOLD: Final = frozenset(
    "type minimum maximum exclusiveMinimum exclusiveMaximum multipleOf minLength maxLength minItems maxItems "
    "minProperties maxProperties pattern const enum".split()
)
_Keyword = Callable[[Any, Any, Any, Any], Iterator[ValidationError] | None]
_steps: ContextVar[list[int]] = ContextVar("steps")


class _TooManySteps(Exception):
    """The budget is used up."""


def argument_faults(schema: Mapping[str, Any], arguments: Mapping[str, Any]) -> list[Fault]:
    """What is wrong with these arguments, at most twenty faults; nothing when the schema takes them."""
    for pointer, message in json_faults(arguments):
        return [Fault(_masked(schema, _parts(pointer)), message)]
    _steps.set([MOST_STEPS])
    found: dict[Fault, None] = {}
    try:
        for error in _validator(canonical(schema)).iter_errors(arguments):
            found[_fault(schema, error)] = None
            if len(found) == MOST_FAULTS:
                break
    except _TooManySteps:
        found[Fault("", "takes too long to check against the tool's schema")] = None
    except RecursionError:
        found[Fault("", "cannot be checked: the tool's schema leads back to itself too often")] = None
    return list(found)


def _counted(keyword: _Keyword) -> _Keyword:
    def asked(validator: Any, value: Any, instance: Any, schema: Any) -> Iterator[ValidationError]:  # noqa: ANN401  # as jsonschema calls it
        left = _steps.get()
        left[0] -= 1
        if left[0] < 0:
            raise _TooManySteps
        yield from keyword(validator, value, instance, schema) or ()

    return asked


def _pattern(validator: Any, wanted: str, instance: object, _schema: object) -> Iterator[ValidationError]:  # noqa: ANN401  # as jsonschema calls it
    if validator.is_type(instance, "string") and not patterns.found_in(wanted, str(instance)):
        yield ValidationError("does not match")


def _pattern_properties(validator: Any, wanted: Mapping[str, Any], instance: Any, _schema: object) -> Iterator[Any]:  # noqa: ANN401  # as jsonschema calls it
    if not validator.is_type(instance, "object"):
        return
    for pattern, subschema in wanted.items():
        for key, each in instance.items():
            if patterns.found_in(pattern, key):
                yield from validator.descend(each, subschema, path=key, schema_path=pattern)


def _additional_properties(validator: Any, wanted: Any, instance: Any, schema: Mapping[str, Any]) -> Iterator[Any]:  # noqa: ANN401  # as jsonschema calls it
    if not validator.is_type(instance, "object"):
        return
    named, matched = schema.get("properties", {}), schema.get("patternProperties", {})
    for key, each in instance.items():
        if key in named or any(patterns.found_in(pattern, key) for pattern in matched):
            continue
        if wanted is False:
            yield ValidationError("is not known")
        else:
            yield from validator.descend(each, wanted, path=key)


def _unique_items(validator: Any, wanted: bool, instance: Any, _schema: object) -> Iterator[ValidationError]:  # noqa: ANN401  # as jsonschema calls it
    if wanted and validator.is_type(instance, "array"):
        distinct = {canonical(each) for each in instance}
        if len(distinct) < len(instance):
            yield ValidationError("repeats")


_OURS: Final = {
    "pattern": _pattern,
    "patternProperties": _pattern_properties,
    "additionalProperties": _additional_properties,
    "uniqueItems": _unique_items,
}
_KEYWORDS: Final = {name: _counted(keyword) for name, keyword in (Draft202012Validator.VALIDATORS | _OURS).items()}
_Validator: Final = extend(Draft202012Validator, _KEYWORDS)


@lru_cache(maxsize=256)
def _validator(schema: bytes) -> Any:  # noqa: ANN401  # jsonschema comes without types
    document = json.loads(schema)
    document.pop("$schema", None)  # with it, a reference to the top would lead to the library's own keywords
    return _Validator(document)


def _fault(schema: Mapping[str, Any], error: ValidationError) -> Fault:
    """What an error says without the value that it is about, nor names that the schema does not know."""
    pointer = _masked(schema, error.absolute_path)
    expected = error.validator_value
    if error.validator == "required":
        missing = sorted(set(expected) - set(error.instance))
        return Fault(pointer, f"lacks {', '.join(missing)}")
    if error.validator in {"additionalProperties", "unevaluatedProperties"} or expected is False:
        return Fault(pointer, "has a member that the tool does not take")
    if error.validator in _TOLD:
        told = canonical(expected).decode()
        return Fault(pointer, f"does not meet {error.validator}{f' {told}' if len(told) <= LONGEST_SHOWN else ''}")
    return Fault(pointer, f"does not meet {error.validator}")


def _masked(schema: Mapping[str, Any], path: Iterable[str | int]) -> str:
    """A pointer in which names that the schema does not give, such as an address as a key, stand as `*`."""
    known = _names(canonical(schema))
    parts = (str(part) if isinstance(part, int) or escaped(part) in known else "*" for part in path)
    return "".join(f"/{escaped(part)}" for part in parts)


def _parts(pointer: str) -> Iterator[str | int]:
    for part in pointer.split("/")[1:]:
        is_index = part.isdigit() and len(part) < 5  # noqa: PLR2004  # a longer number may be a key that says something
        yield int(part) if is_index else part.replace("~1", "/").replace("~0", "~")


@lru_cache(maxsize=256)
def _names(schema: bytes) -> frozenset[str]:
    found: set[str] = set()

    def look(node: object) -> None:
        if isinstance(node, dict):
            named = node.get("properties")
            found.update(escaped(name) for name in (named if isinstance(named, dict) else ()))
            for each in node.values():
                look(each)
        elif isinstance(node, list):
            for each in node:
                look(each)

    look(json.loads(schema))
    return frozenset(found)
