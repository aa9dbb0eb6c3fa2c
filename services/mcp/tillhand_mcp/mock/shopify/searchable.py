"""What of each kind of object can be searched for, and how a value is compared."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, Final, Literal
from zoneinfo import ZoneInfo

from tillhand_mcp.mock.shopify.search import Predicate, Term, parse, predicate

Kind = Literal["text", "exact", "number", "time"]
Get = Callable[[Any], Any]
OPERATORS: Final[dict[str, Callable[[Any, Any], bool]]] = {
    "": operator.eq,
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
}
WORD: Final = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Searchable:
    """The fields of one kind of object, and what a word without a field is looked for in."""

    fields: dict[str, tuple[Kind, Get]]
    text: Get


@dataclass(frozen=True, slots=True)
class Moment:
    """The time that a search is compared with: now, and the shop's zone for days without one."""

    now: datetime
    zone: ZoneInfo


def search(text: str, known: Searchable, moment: Moment) -> tuple[Predicate, list[dict[str, str]]]:
    """Return what a search asks for, and the warnings that it earns: a field that is not known is ignored."""
    warnings: list[dict[str, str]] = []
    return predicate(parse(text), partial(compiled, known=known, moment=moment, warnings=warnings)), warnings


def compiled(term: Term, known: Searchable, moment: Moment, warnings: list[dict[str, str]]) -> Predicate:
    """Return what one condition asks for."""
    if term.field is None:
        return worded(term, known.text)
    if term.field not in known.fields:
        warnings.append(
            {"field": term.field, "message": "Invalid search field for this query.", "code": "invalid_field"}
        )
        return lambda _: True
    kind, get = known.fields[term.field]
    if term.prefix and not term.value:
        return lambda item: bool(get(item))
    found = {"text": worded, "exact": exact, "number": numeric}.get(kind, partial(timed, moment=moment))(term, get)
    if found is None:
        warnings.append(
            {"field": term.field, "message": f"Input `{term.value}` is not a valid value.", "code": "invalid_value"}
        )
        return lambda _: True
    return found


def texts(value: object) -> Iterable[str]:
    """Return the texts that a field holds: none, one or several."""
    if value is None:
        return ()
    return (value,) if isinstance(value, str) else value if isinstance(value, tuple | list) else (str(value),)


def worded(term: Term, get: Get) -> Predicate:
    """Return whether a field holds the words of the value one after another, the last perhaps only begun."""
    words = WORD.findall(term.value.casefold())
    if not words:
        return lambda _: True
    pattern = re.compile(r"\b" + r"\W+".join(map(re.escape, words)) + ("" if term.prefix else r"\b"))
    return lambda item: any(pattern.search(text.casefold()) for text in texts(get(item)))


def exact(term: Term, get: Get) -> Predicate:
    """Return whether a field is the value, or one of several that commas separate."""
    wanted = term.value.casefold()
    if term.prefix:
        return lambda item: any(text.casefold().startswith(wanted) for text in texts(get(item)))
    several = {part.strip() for part in wanted.split(",")} | {wanted}
    return lambda item: any(text.casefold() in several for text in texts(get(item)))


def numeric(term: Term, get: Get) -> Predicate | None:
    """Return whether a number stands to the value as the operator says."""
    try:
        wanted = float(term.value.rpartition("/")[2])  # ids may be given whole, as gid://shopify/Product/1
    except ValueError:
        return None
    compare = OPERATORS[term.op]
    return lambda item: (value := get(item)) is not None and compare(value, wanted)


def timed(term: Term, get: Get, moment: Moment) -> Predicate | None:
    """Return whether a moment stands to the value as the operator says; a bare day means all of it."""
    if term.value == "now":
        start, end = moment.now, moment.now
    else:
        try:
            start = datetime.fromisoformat(term.value)
        except ValueError:
            return None
        start = start.replace(tzinfo=moment.zone) if start.tzinfo is None else start
        end = start + timedelta(days=1) if len(term.value) == len("2026-01-01") else start + timedelta(seconds=1)
    start, end = start.astimezone(UTC), end.astimezone(UTC)
    if term.op == "":
        return lambda item: (value := get(item)) is not None and start <= value < end
    compare = OPERATORS[term.op]
    return lambda item: (value := get(item)) is not None and compare(value, start)
