"""JSON that keeps the spelling of its numbers: whole ones as `int`, all others as `Decimal`.

One thing of a spelling is lost: an exponent is written `E+2` however it came. What is written shows all that is in it:
characters that nobody could see are escaped.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, NoReturn

from tillhand_dashboard.domain.characters import hidden

Json = None | bool | int | float | Decimal | str | list["Json"] | dict[str, "Json"]
DEEPEST: Final = 64
"""Levels of nesting, as everywhere in the platform."""
LARGEST: Final = 2_000_000
"""Characters of a JSON text."""
_MOST_DIGITS: Final = 4_000
"""Digits of a whole number; a longer one is kept as it is spelled, since converting it takes too long."""
_LONG_BITS: Final = 13_000


@dataclass(frozen=True, slots=True)
class Malformed:
    """Why a text is no JSON that is taken, and where, without what stands there."""

    message: str


class _RefusedError(ValueError):
    """JSON that readers would not agree upon."""


def trusted(text: str) -> Json:
    """The value of what a service of ours wrote, which holds nothing that `parsed` refuses. Raises `ValueError`."""
    value: Json = json.loads(text, parse_float=Decimal)
    return value


def parsed(text: str) -> Json | Malformed:
    """The value of a JSON text. A key that is given twice, and numbers that are none, are refused."""
    if len(text) > LARGEST:
        return Malformed(f"is longer than {LARGEST:,} characters")
    try:
        value: Json = json.loads(
            text, parse_int=_integer, parse_float=Decimal, parse_constant=_constant, object_pairs_hook=_object
        )
    except RecursionError:
        return Malformed(f"is nested deeper than {DEEPEST} levels")
    except json.JSONDecodeError as error:
        return Malformed(f"is no JSON at line {error.lineno}, column {error.colno}")
    except _RefusedError as error:
        return Malformed(str(error))
    return Malformed(f"is nested deeper than {DEEPEST} levels") if is_deep(value) else value


def written(value: Json, *, indent: int = 2) -> str:
    """The JSON text of a value of any depth, a member a line; one line where `indent` is 0."""
    return "".join(_pieces(value, indent))


def beginning(value: Json, most: int) -> tuple[str, bool]:
    """The first characters of its JSON text in one line, and whether there are more; the rest is not gone into."""
    found: list[str] = []
    size = 0
    for piece in _pieces(value, 0):
        found.append(piece)
        size += len(piece)
        if size > most:
            return "".join(found)[:most], True
    return "".join(found), False


def spelled(value: Json) -> str:
    """A value without members, as JSON; a container without its members."""
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, str):
        return _quoted(value)
    if isinstance(value, list | dict):
        return "[]" if isinstance(value, list) else "{}"
    return number_text(value)


def number_text(value: float | Decimal) -> str:
    """A number with each of its digits."""
    if isinstance(value, int) and value.bit_length() > _LONG_BITS:
        return str(Decimal(value))
    return str(value)


def is_deep(value: Json) -> bool:
    """Whether it is nested deeper than is taken."""
    level = [value]
    for _ in range(DEEPEST + 1):
        level = [inner for each in level for inner in members(each)]
        if not level:
            return False
    return True


def members(value: Json) -> Iterator[Json]:
    """The values that stand directly within it."""
    if isinstance(value, dict):
        yield from value.values()
    elif isinstance(value, list):
        yield from value


def _pieces(value: Json, indent: int) -> Iterator[str]:
    waiting: list[Iterator[str | tuple[Json, int]]] = [iter([(value, 1)])]
    while waiting:
        each = next(waiting[-1], None)
        if each is None:
            waiting.pop()
        elif isinstance(each, str):
            yield each
        elif isinstance(each[0], list | dict) and each[0]:
            waiting.append(_opened(each[0], each[1], indent))
        else:
            yield spelled(each[0])


def _opened(value: list[Json] | dict[str, Json], depth: int, indent: int) -> Iterator[str | tuple[Json, int]]:
    """The parts of a container; its margin grows no more where nobody could follow it."""
    margin = "\n" + " " * indent * min(depth, DEEPEST) if indent else ""
    comma = "," if indent else ", "
    yield "{" if isinstance(value, dict) else "["
    if isinstance(value, dict):
        for number, (key, each) in enumerate(value.items()):
            yield f"{comma if number else ''}{margin}{_quoted(key)}: "
            yield each, depth + 1
    else:
        for number, each in enumerate(value):
            yield f"{comma if number else ''}{margin}"
            yield each, depth + 1
    yield margin[: -indent or None] if depth <= DEEPEST else margin
    yield "}" if isinstance(value, dict) else "]"


def _quoted(text: str) -> str:
    quoted = json.dumps(text, ensure_ascii=False)
    if quoted.isascii() and "\x7f" not in quoted:
        return quoted
    return "".join(
        each if " " <= each <= "~" or hidden(quoted, at) is None else json.dumps(each)[1:-1]
        for at, each in enumerate(quoted)
    ).replace("\x7f", "\\u007f")


def _integer(digits: str) -> int | Decimal:
    """Negative nothing has no whole number of its own."""
    return Decimal(digits) if len(digits) > _MOST_DIGITS or digits == "-0" else int(digits)


def _constant(_: str) -> NoReturn:
    raise _RefusedError("has a number that is none")


def _object(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise _RefusedError("has a key twice")
    return made
