"""Policies as people write them here: JSON, line by line, so that what is wrong is told at its line."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from tillhand_dashboard.domain.proposal_values import plain
from tillhand_dashboard.domain.results import Fault

Json = Any
LONGEST: Final = 256 * 1024
"""Characters of a text; the approvals take no longer file either."""
DEEPEST: Final = 32
"""Levels of a document, as many as the approvals take."""
_ORDER: Final = ("version", "default", "timezone", "id", "description", "at", "when", "then", "action", "rules")
"""Members in the order in which people like to read them; the others follow by name, so that only content differs."""
_AROUND: Final = 3
"""Lines that stay around what differs."""
_UNREADABLE: Final = "cannot be read: it is nested too deep, or holds what is no number or no character"
_BASIC_PLANE: Final = 0xFFFF


@dataclass(frozen=True, slots=True)
class Wrong:
    """What is wrong: the line where it begins, what stands there, its place in words, and what is expected."""

    line: int
    shown: str
    place: str
    message: str


@dataclass(frozen=True, slots=True)
class Read:
    """A text that was read: the document, and the text as it is shown from now on; `wrong` where it is no document."""

    text: str
    document: Mapping[str, Json]
    wrong: Wrong | None = None


@dataclass(frozen=True, slots=True)
class DiffLine:
    """A line of two texts; `gap` stands for lines that are the same."""

    kind: Literal["same", "added", "removed", "gap"]
    text: str


class _UnreadableText(ValueError):
    """The text is no document."""

    def __init__(self, line: int, message: str) -> None:
        super().__init__(message)
        self.line = line


class _Twice(ValueError):
    """A key that is given twice, of which one would be dropped in silence."""


def written(document: Json) -> str:
    """A document as text. What cannot be seen is written as an escape, which JSON reads back as the same."""
    text = json.dumps(_ordered(document), indent=2, ensure_ascii=False)
    return "".join(each if each == "\n" or each.isprintable() else _escaped(each) for each in text)


def read(text: str) -> Read:
    """The document that a text holds."""
    text = text.replace("\r\n", "\n")
    try:
        document = _document(text)
    except _UnreadableText as error:
        return Read(text, {}, Wrong(error.line, _line(text, error.line), "", str(error)))
    return Read(written(document), document)


def located(document: Json, faults: Sequence[Fault]) -> Sequence[Wrong]:
    """Faults with the lines of `written(document)` at which they begin, the first line first."""
    lines, text = dict(_places(document, "", 1)), written(document)
    found = []
    for fault in faults:
        line = _nearest(lines, fault.pointer)
        found.append(Wrong(line, _line(text, line), in_words(fault.pointer), plain(fault.message)))
    return sorted(found, key=lambda each: each.line)


def compared(before: str, after: str) -> Sequence[DiffLine]:
    """What differs between two texts, with a few lines around it; nothing where they are the same."""
    kinds: Mapping[str, Literal["same", "added", "removed", "gap"]] = {
        " ": "same",
        "+": "added",
        "-": "removed",
        "@": "gap",
    }
    found = difflib.unified_diff(before.splitlines(), after.splitlines(), n=_AROUND, lineterm="")
    lines = [DiffLine(kinds[each[0]], plain(each[1:])) for each in list(found)[2:]]
    return [DiffLine("gap", "…") if each.kind == "gap" else each for each in lines[1:]]


def in_words(pointer: str) -> str:
    """A JSON pointer as people read it: `/rules/0/then/action` is rule 1 · then · action."""
    parts = [part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[1:]]
    if len(parts) > 1 and parts[0] == "rules" and parts[1].isdigit():
        parts[:2] = [f"rule {int(parts[1]) + 1}"]
    return plain(" · ".join(parts))


def _ordered(value: Json) -> Json:
    if isinstance(value, list):
        return [_ordered(each) for each in value]
    if not isinstance(value, dict):
        return value
    return {key: _ordered(value[key]) for key in sorted(value, key=_rank)}


def _rank(key: str) -> tuple[int, str]:
    if key == _ORDER[-1]:
        return len(_ORDER) + 1, key
    return (_ORDER.index(key) if key in _ORDER else len(_ORDER)), key


def _places(value: Json, pointer: str, line: int) -> Iterator[tuple[str, int]]:
    """The line of every place, in the layout of `written`."""
    yield pointer, line
    value = _ordered(value)
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    line += 1
    for key, each in inner:
        place = f"{pointer}/{str(key).replace('~', '~0').replace('/', '~1')}"
        yield from _places(each, place, line)
        line += written(each).count("\n") + 1


def _document(text: str) -> Mapping[str, Json]:
    """Raises `_UnreadableText`."""
    if len(text) > LONGEST:
        raise _UnreadableText(1, f"is longer than {LONGEST} characters")
    try:
        document = json.loads(text, object_pairs_hook=_pairs, parse_constant=_constant)
        json.dumps(document, ensure_ascii=False).encode()
        deep = f"\n{'  ' * (DEEPEST + 1)}" in written(document)
    except json.JSONDecodeError as error:
        raise _UnreadableText(error.lineno, f"is no JSON: {error.msg.lower()}") from error
    except _Twice as error:
        named = json.dumps(str(error))
        raise _UnreadableText(_last_line_of(text, str(error)), f"{named} is given twice in one object") from error
    except (ValueError, RecursionError) as error:
        raise _UnreadableText(1, _UNREADABLE) from error
    if deep:
        raise _UnreadableText(1, f"is nested deeper than {DEEPEST} levels")
    if not isinstance(document, dict):
        raise _UnreadableText(1, "is no object: it begins with {")
    return document


def _nearest(lines: Mapping[str, int], pointer: str) -> int:
    while pointer not in lines and pointer:
        pointer = pointer.rpartition("/")[0]
    return lines.get(pointer, 1)


def _line(text: str, number: int) -> str:
    lines = text.split("\n")
    return plain(lines[number - 1].strip()) if 0 < number <= len(lines) else ""


def _last_line_of(text: str, key: str) -> int:
    return text[: max(0, text.rfind(json.dumps(key, ensure_ascii=False)))].count("\n") + 1


def _pairs(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    seen: dict[str, Json] = {}
    for key, value in pairs:
        if key in seen:
            raise _Twice(key)
        seen[key] = value
    return seen


def _constant(name: str) -> Json:
    raise ValueError(name)


def _escaped(character: str) -> str:
    number = ord(character)
    if number <= _BASIC_PLANE:
        return f"\\u{number:04x}"
    high, low = divmod(number - _BASIC_PLANE - 1, 0x400)
    return f"\\u{0xD800 + high:04x}\\u{0xDC00 + low:04x}"
