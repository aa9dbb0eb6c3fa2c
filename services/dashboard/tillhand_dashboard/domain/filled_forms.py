"""A form as a page shows it: with what it holds or what was typed into it, and each fault at its field."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from tillhand_dashboard.domain.form_fields import Field, below
from tillhand_dashboard.domain.form_values import FieldError, Sent, is_filled, is_number
from tillhand_dashboard.domain.schema_forms import MOST_ROWS

_CORRECTED: Final = frozenset({"date", "email", "url"})
"""Controls that a browser corrects by itself."""


@dataclass(frozen=True, slots=True)
class Filled:
    """The form; `ids` of its fields in the page, and `faults` of each, all by the field's name."""

    field: Field
    ids: Mapping[str, str]
    faults: Mapping[str, Sequence[str]]

    @property
    def has_more(self) -> bool:
        """Whether a row or an item can be added."""
        return any(each.kind in ("rows", "list") for each in self.field.everything())


def filled(field: Field, errors: Iterable[FieldError] = ()) -> Filled:
    """The form with what is wrong; a fault of what has no field of its own stands at the field around it."""
    fields = list(field.everything())
    ids = {each.name: f"argument-{number}" for number, each in enumerate(fields)}
    by_pointer: dict[str, Field] = {}
    more = {each.pointer: each for each in fields if each.holds_more}
    for each in fields:
        by_pointer.setdefault(each.pointer, each)
    faults: dict[str, list[str]] = {}
    for error in errors:
        pointer = error.pointer
        while pointer and pointer not in by_pointer:
            pointer = pointer.rpartition("/")[0]
        at = more.get(pointer) if error.rule == "json" else None
        faults.setdefault((at or by_pointer.get(pointer, field)).name, []).append(error.message)
    return Filled(field, ids, faults)


def retyped(field: Field, sent: Sent) -> Field:
    """The form with what was typed, however wrong, instead of what it held; tables end with a blank row."""
    blank = next(iter(sent.get(field.blank_name, ())), field.blank)
    blanked = replace(field, blank=blank) if blank in field.blanks else field
    if field.kind == "rows" and field.name in sent:
        return _table(blanked, sent)
    if field.kind in ("group", "rows"):
        return replace(blanked, fields=tuple(retyped(each, sent) for each in field.fields))
    if field.name not in sent:
        return blanked
    texts = tuple(text.replace("\r\n", "\n") for text in sent[field.name])
    if field.kind == "list":
        return replace(blanked, values=tuple(text for text in texts if text))
    return _retyped(blanked, texts[:1] or ("",))


def _retyped(field: Field, texts: tuple[str, ...]) -> Field:
    """A text that could be longer than one line, or wrong, is shown as it was typed."""
    if "\n" in texts[0] and field.kind not in ("raw", "choice", "boolean"):
        return replace(field, kind="long_text", values=texts)
    return replace(field, kind="text" if texts[0] and field.kind in _CORRECTED else field.kind, values=texts)


def _table(field: Field, sent: Sent) -> Field:
    """Rows keep their numbers, so that what is wrong is found again; those that were to go are gone."""
    pattern = field.fields[-1]
    known = {each.pointer: each for each in field.fields}
    rows = []
    numbers = [int(text) for text in dict.fromkeys(sent[field.name]) if is_number(text)]
    for number in numbers[: MOST_ROWS + 1]:
        pointer = below(field.pointer, number)
        row = known.get(pointer) or _numbered(pattern, field.pointer, number)
        if not sent.get(row.remove_name):
            rows.append(retyped(row, sent))
    if not rows or is_filled(rows[-1].pointer, sent):
        rows.append(_numbered(pattern, field.pointer, max(numbers, default=-1) + 1))
    return replace(field, values=tuple(each.pointer.rpartition("/")[2] for each in rows), fields=tuple(rows))


def _numbered(pattern: Field, table: str, number: int) -> Field:
    """A blank row of this number."""
    label = f"{pattern.label.rpartition(' ')[0]} {number + 1}"
    return replace(_moved(pattern, pattern.pointer, below(table, number)), label=label)


def _moved(field: Field, old: str, new: str) -> Field:
    fields = tuple(_moved(each, old, new) for each in field.fields)
    return replace(field, pointer=new + field.pointer.removeprefix(old), fields=fields)
