"""Policies as YAML, for people: read with every fault at its line, and written so that it reads back the same.

Only plain YAML is taken: text in UTF-8, mappings with text as keys, lists, and scalars as YAML 1.2's core schema reads
them, so that `22:00`, `no` and `on` are text. Anchors, aliases and tags are refused, and a key that is given twice.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

import yaml

from tillhand_approvals.domain.canonical import escaped
from tillhand_approvals.domain.policies import Policies, read_document, written
from tillhand_approvals.domain.tools import Fault

LARGEST: Final = 256 * 1024
"""Bytes of a file."""
DEEPEST: Final = 32
_Loader: Final[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_NUMBER: Final = re.compile(r"-?(0|[1-9][0-9]{0,18})")
_DECIMAL: Final = re.compile(r"-?(0|[1-9][0-9]{0,18})(\.[0-9]{1,20})?([eE][-+]?[0-9]{1,3})?")
_WORDS: Final[dict[str, bool | None]] = {
    "": None,
    "~": None,
    "null": None,
    "Null": None,
    "NULL": None,
    "true": True,
    "True": True,
    "TRUE": True,
    "false": False,
    "False": False,
    "FALSE": False,
}


class LineFault(NamedTuple):
    """What is wrong, and on which line it begins."""

    line: int
    fault: Fault

    def __str__(self) -> str:
        """As a person reads it."""
        place = f"{self.fault.place}: " if self.fault.place else ""
        return f"line {self.line}: {place}{self.fault.message}"


class _Unreadable(Exception):
    """The text is no YAML that is taken."""

    def __init__(self, line: int, pointer: str, message: str) -> None:
        super().__init__(message)
        self.found = LineFault(line, Fault(pointer, message))


@dataclass(slots=True)
class _Open:
    """A mapping or list that is being read; `key` is the one whose value comes next, None where a key comes next."""

    value: dict[str, Any] | list[Any]
    pointer: str
    key: str | None = None


@dataclass(slots=True)
class _Read:
    """What has been read so far, and on which line each place begins."""

    root: Any = None
    lines: dict[str, int] = field(default_factory=dict)
    stack: list[_Open] = field(default_factory=list)
    documents: int = 0

    def next_pointer(self) -> str:
        if not self.stack:
            return ""
        top = self.stack[-1]
        if isinstance(top.value, list):
            return f"{top.pointer}/{len(top.value)}"
        return top.pointer if top.key is None else f"{top.pointer}/{escaped(top.key)}"

    def put(self, value: Any, line: int) -> None:  # noqa: ANN401  # any JSON
        self.lines[self.next_pointer()] = line
        if not self.stack:
            self.root = value
        elif isinstance(self.stack[-1].value, list):
            self.stack[-1].value.append(value)
        else:
            top = self.stack[-1]
            self.stack[-1].value[str(top.key)] = value
            top.key = None

    @property
    def wants_key(self) -> bool:
        return bool(self.stack) and isinstance(self.stack[-1].value, dict) and self.stack[-1].key is None


def read_file(text: bytes | str) -> tuple[Policies | None, list[LineFault]]:
    """The policies of a YAML file, or what is wrong with it, line by line. Never raises, whatever the text is."""
    encoded = text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text
    if len(encoded) > LARGEST:
        return None, [LineFault(1, Fault("", f"is larger than {LARGEST // 1024} KiB"))]
    try:
        read = _read(encoded.decode("utf-8"))
    except UnicodeDecodeError:
        return None, [LineFault(1, Fault("", "is not UTF-8 text"))]
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        return None, [LineFault(mark.line + 1 if mark else 1, Fault("", "is no YAML"))]
    except _Unreadable as error:
        return None, [error.found]
    policies, faults = read_document(read.root)
    found = [LineFault(_line(read.lines, each.pointer), each) for each in faults]
    return policies, sorted(found, key=lambda each: each.line)


def write_file(policies: Policies) -> str:
    """The policies as YAML; reading it gives the same policies, and writing those the same text."""
    return yaml.dump(written(policies), Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=110)


def _read(text: str) -> _Read:
    read = _Read()
    for event in yaml.parse(text, Loader=_Loader):
        line = event.start_mark.line + 1 if event.start_mark else 1
        for message in _refused(read, event):
            raise _Unreadable(line, read.next_pointer(), message)
        if isinstance(event, yaml.ScalarEvent):
            _take_scalar(read, event, line)
        elif isinstance(event, yaml.MappingStartEvent | yaml.SequenceStartEvent):
            made: dict[str, Any] | list[Any] = {} if isinstance(event, yaml.MappingStartEvent) else []
            opened = _Open(made, read.next_pointer())
            read.put(made, line)
            read.stack.append(opened)
        elif isinstance(event, yaml.CollectionEndEvent):
            read.stack.pop()
    return read


def _refused(read: _Read, event: yaml.Event) -> Iterator[str]:
    if isinstance(event, yaml.DocumentStartEvent):
        read.documents += 1
        if read.documents > 1:
            yield "is a second document: one file holds one"
    if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None) is not None:
        yield "is an anchor or an alias, which are not taken"
    if getattr(event, "tag", None) is not None:
        yield "has a tag, and none are taken"
    if isinstance(event, yaml.CollectionStartEvent):
        if read.wants_key:
            yield "has a key that is no text"
        if len(read.stack) == DEEPEST:
            yield f"is nested deeper than {DEEPEST} levels"


def _take_scalar(read: _Read, event: yaml.ScalarEvent, line: int) -> None:
    if not read.wants_key:
        read.put(_plain(event.value) if event.implicit[0] else event.value, line)
        return
    top = read.stack[-1]
    if event.value in top.value:
        raise _Unreadable(line, f"{top.pointer}/{escaped(event.value)}", "is given twice")
    top.key = event.value


def _plain(text: str) -> Any:  # noqa: ANN401  # a scalar of any kind
    """What a scalar without quotes is."""
    if text in _WORDS:
        return _WORDS[text]
    if _NUMBER.fullmatch(text):
        return int(text)
    return float(text) if _DECIMAL.fullmatch(text) else text


def _line(lines: dict[str, int], pointer: str) -> int:
    """The line of a place, or of the nearest one around it."""
    while pointer not in lines and pointer:
        pointer = pointer.rpartition("/")[0]
    return lines.get(pointer, 1)


class _Dumper(yaml.SafeDumper):
    """Writes text in quotes wherever it would be read as something else."""

    def ignore_aliases(self, data: object) -> bool:  # noqa: ARG002  # as the library calls it
        """Nothing is written as an alias."""
        return True


def _text(dumper: yaml.SafeDumper, value: str) -> yaml.ScalarNode:
    style = None if isinstance(_plain(value), str) and value.isprintable() else '"'
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style=style)


def _decimal(dumper: yaml.SafeDumper, value: float) -> yaml.ScalarNode:
    text = repr(value)
    if "." not in text:  # without a point the library takes 1e+16 for a text, and would write a tag
        text = text.replace("e", ".0e")
    return dumper.represent_scalar("tag:yaml.org,2002:float", text)


_Dumper.add_representer(str, _text)
_Dumper.add_representer(float, _decimal)
