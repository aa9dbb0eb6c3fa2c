"""The one form of JSON that digests are taken of: RFC 8785, https://www.rfc-editor.org/rfc/rfc8785."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterable, Iterator
from typing import Any, Final

import orjson
import rfc8785

from tillhand_approvals.errors import UncanonicalJson

DEEPEST: Final = 64
LARGEST: Final = 2**53 - 1
"""Integers beyond this are not the same number everywhere: the form is defined by doubles."""
_WITH_EXPONENT: Final = 1e21
"""From here on the form writes a double with an exponent, below as the digits of an integer."""
_LEAVES: Final = frozenset({str, int, bool, type(None)})
_TEXTS: Final = frozenset({str})
_NUL: Final = rb"\u0000"
_QUICK: Final = orjson.OPT_SORT_KEYS | orjson.OPT_STRICT_INTEGER | orjson.OPT_PASSTHROUGH_SUBCLASS


class _Repeated(dict[str, Any]):
    """An object whose text gave a key twice."""


def canonical(value: object) -> bytes:
    """The canonical JSON of a value, in UTF-8. Raises `UncanonicalJson` naming the place, not what stands there."""
    if _is_quick(value, 0):
        try:
            quick: bytes = orjson.dumps(value, option=_QUICK)
            if _NUL not in quick:
                return quick
        except orjson.JSONEncodeError:
            pass  # it holds what has no canonical form: the other way finds out where
    for pointer, fault in json_faults(value):
        raise UncanonicalJson(f"{pointer or '/'} {fault}", field=pointer or "/")
    return rfc8785.dumps(value)  # type: ignore[arg-type]  # what it cannot take has just been refused


def digest_of(value: object) -> str:
    """The SHA-256 of the canonical JSON, 64 hexadecimal digits. Raises `UncanonicalJson`."""
    return hashlib.sha256(canonical(value)).hexdigest()


def parsed(text: bytes | str) -> Any:  # noqa: ANN401  # any JSON
    """The JSON that a text is, if it has a canonical form. Raises `UncanonicalJson` naming the place.

    A key that is given twice is refused: readers differ on which one counts, so that no digest would bind it.
    """
    try:
        value = json.loads(text, object_pairs_hook=_object, parse_int=_integer)
    except RecursionError:
        raise UncanonicalJson(f"/ is nested deeper than {DEEPEST} levels", field="/") from None
    except ValueError:
        raise UncanonicalJson("/ is no JSON", field="/") from None
    for pointer, fault in json_faults(value):
        raise UncanonicalJson(f"{pointer or '/'} {fault}", field=pointer or "/")
    return value


def kept(value: Any, depth: int = 0) -> Any:  # noqa: ANN401  # any JSON
    """A value as it can be kept: what has no canonical form as text, for what must not be refused any more."""
    if isinstance(value, dict):
        return {kept(str(key), depth): kept(each, depth + 1) for key, each in value.items()} if depth < DEEPEST else {}
    if isinstance(value, list | tuple):
        return [kept(each, depth + 1) for each in value] if depth < DEEPEST else []
    if isinstance(value, str):
        return value.replace("\0", "\ufffd").encode("utf-8", "replace").decode()
    return str(value) if any(True for _ in _number_faults(value, "")) else value


def json_faults(value: object) -> Iterator[tuple[str, str]]:
    """Why a value has no canonical form: JSON pointers, and what is the matter there."""
    return _faults(value, "", 0)


def escaped(key: object) -> str:
    """A key as a part of a JSON pointer."""
    return str(key).replace("~", "~0").replace("/", "~1").encode("utf-8", "replace").decode()


def _is_quick(value: object, depth: int) -> bool:
    """Whether a quicker encoder gives the same bytes, or refuses.

    The canonical form differs from its output in how it writes floats and in how it sorts keys beyond U+D7FF, so
    that neither may occur; the rest of what it takes for JSON is let through here by exact type.
    """
    kind = type(value)
    if kind in _LEAVES:
        return True
    if depth == DEEPEST:
        return False
    if isinstance(value, dict) and kind is dict:
        return (
            _TEXTS.issuperset(map(type, value)) and "".join(value).isascii() and _are_quick(value.values(), depth + 1)
        )
    return isinstance(value, list | tuple) and (kind is list or kind is tuple) and _are_quick(value, depth + 1)


def _are_quick(values: Iterable[object], depth: int) -> bool:
    for each in values:  # noqa: SIM110  # a plain loop is quicker, and every record of the audit log asks
        if type(each) not in _LEAVES and not _is_quick(each, depth):
            return False
    return True


def _faults(value: object, pointer: str, depth: int) -> Iterator[tuple[str, str]]:
    if depth > DEEPEST:
        yield pointer, f"is nested deeper than {DEEPEST} levels"
    elif isinstance(value, dict):
        if isinstance(value, _Repeated):
            yield pointer, "has a key twice"
        for key, each in value.items():
            yield from _text_faults(key, pointer)
            yield from _faults(each, f"{pointer}/{escaped(key)}", depth + 1)
    elif isinstance(value, str):
        yield from _text_faults(value, pointer)
    elif isinstance(value, list | tuple):
        for number, each in enumerate(value):
            yield from _faults(each, f"{pointer}/{number}", depth + 1)
    else:
        yield from _number_faults(value, pointer)


def _number_faults(value: object, pointer: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, float) and not math.isfinite(value):
        yield pointer, "is no finite number"
    elif isinstance(value, int | float) and abs(value) > LARGEST and not _has_exponent(value):
        yield pointer, "is a whole number beyond 2^53 - 1: send it as a string"
    elif not (value is None or isinstance(value, bool | int | float)):
        yield pointer, "is no JSON"


def _has_exponent(number: object) -> bool:
    """Whether it is written as no integer, so that it is none when it is read back either."""
    return isinstance(number, float) and abs(number) >= _WITH_EXPONENT


def _text_faults(text: object, pointer: str) -> Iterator[tuple[str, str]]:
    if not isinstance(text, str):
        yield pointer, "has a key that is no text"
    elif "\0" in text:
        yield pointer, "holds a NUL character, which PostgreSQL keeps none of"
    elif not text.isascii() and any("\ud800" <= character <= "\udfff" for character in text):
        yield pointer, "holds half a character (a lone surrogate)"


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    return made if len(made) == len(pairs) else _Repeated(made)


def _integer(digits: str) -> int:
    """A number of any length is not worth its conversion once it is too large: the time grows with its square."""
    return int(digits) if len(digits) <= len(str(LARGEST)) + 1 else LARGEST + 1
