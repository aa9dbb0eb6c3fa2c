"""Before and after of a proposal: what its evidence says would change, and what a person has changed in it.

Everything on one page shares one budget of work and one of rows, so that no proposal, whatever it holds, takes long to
open. What is left out stands in the whole comparison, which is text (`compared`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from tillhand_dashboard.domain.aligning import Budget
from tillhand_dashboard.domain.diffing import LARGE, Entry, Kind, diff
from tillhand_dashboard.domain.exact_json import Json, written
from tillhand_dashboard.domain.line_diffs import Fold, Line, line_diff
from tillhand_dashboard.domain.proposal_values import Shown, plain, shown

MOST_ROWS: Final = 600
"""Rows of all comparisons of a page."""
MOST_LINES: Final = 1_000_000
"""Lines in a row that came or went, in the whole comparison."""
MOST_PARTS: Final = 20_000
"""Parts of two values that a page goes into; the whole comparison goes into more."""
CELLS: Final = 100_000
_VALUE: Final = 500
_LINE: Final = 1_000
_LONG: Final = 120
"""Characters of two texts in one line, from which on it is marked what differs in them."""
_KINDS: Final[Mapping[str, Kind]] = {"add": "added", "remove": "removed"}
_SIGNS: Final[Mapping[str, str]] = {"same": " ", "added": "+", "removed": "-"}


@dataclass(frozen=True, slots=True)
class Row:
    """A line of a text, in pieces of which some differ from what stood or stands in its place; or lines folded away."""

    kind: str
    number: int | None
    pieces: Sequence[tuple[str, bool]] = ()
    folded: int = 0
    is_cut: bool = False


@dataclass(frozen=True, slots=True)
class Place:
    """What stood and stands somewhere; None where nothing did or does.

    Where two texts were compared, `rows` instead, and `counts` of the lines that came and went.
    """

    where: str
    kind: Kind
    before: Shown | None = None
    after: Shown | None = None
    rows: Sequence[Row] = ()
    counts: tuple[int, int] = (0, 0)
    is_order: bool = False


@dataclass(frozen=True, slots=True)
class Change:
    """One change, `number` its place in the evidence. `is_large`: better folded; `is_cut`: more in the whole of it."""

    number: int
    what: str
    places: Sequence[Place]
    is_large: bool = False
    is_cut: bool = False


def is_change(evidence: Mapping[str, Any]) -> bool:
    """Whether a piece of evidence says what would change."""
    return evidence.get("kind") == "change" or {"before", "after"} <= evidence.keys()


def changes(evidence: Sequence[tuple[int, Mapping[str, Any]]]) -> Sequence[Change]:
    """What pieces of evidence say would change, each with its place in all of it."""
    page = _Page()
    return [page.change(number, each) for number, each in evidence]


def edits(patch: Sequence[Mapping[str, Any]]) -> Sequence[Place]:
    """What a person has changed, from the operations that lead from what was proposed to what is in force."""
    return [_operation(each) for each in patch[:MOST_ROWS]]


def compared(evidence: Mapping[str, Any]) -> str:
    """All that a piece of evidence says would change, as text: `+` for what comes, `-` for what goes."""
    before, after = _sides(evidence)
    found = diff(before, after)
    coarse = ["This is too much to be compared part by part; what differs within these is not marked."]
    lines = (line for entry in found.entries for line in _told(entry))
    return "\n".join([*(coarse if found.is_coarse else ()), *lines])


class _Page:
    """Compares, as long as there are rows and work left for this page."""

    def __init__(self) -> None:
        self._left = MOST_ROWS
        self._budget = Budget(CELLS)

    def change(self, number: int, evidence: Mapping[str, Any]) -> Change:
        named = [str(evidence[name])[:200] for name in ("what", "field") if evidence.get(name)]
        what = plain(" · ".join(named)) or "change"
        if not self._left:
            return Change(number, what, (), is_cut=True)
        found = diff(*_sides(evidence), self._budget, most_parts=MOST_PARTS)
        begun = self._left
        places = list(self._places(found.differing))
        is_large = found.is_large or begun - self._left > LARGE
        is_cut = found.is_coarse or not self._left or any(row.is_cut for place in places for row in place.rows)
        return Change(number, what, places, is_large, is_cut)

    def _places(self, entries: Sequence[Entry]) -> Iterator[Place]:
        for entry in entries:
            if not self._left:
                return
            self._left -= 1
            yield self._place(entry)

    def _place(self, entry: Entry) -> Place:
        where = plain(entry.place[:300])
        if (texts := _texts(entry)) is not None:
            found = line_diff(*texts, self._budget, most_rows=self._left)
            self._left = 0 if found.is_cut else self._left - len(found.rows)
            return Place(
                where, "changed", rows=[_row(each) for each in found.rows], counts=(found.added, found.removed)
            )
        before = None if entry.kind == "added" else shown(entry.before, _VALUE)
        after = None if entry.kind == "removed" else shown(entry.after, _VALUE)
        return Place(where, entry.kind, before, after, is_order=entry.about == "order")


def _sides(evidence: Mapping[str, Any]) -> tuple[Json, Json]:
    """Before and after; where one is nothing and the other has members, each of them is told by itself."""
    before, after = evidence.get("before"), evidence.get("after")
    if before is None and isinstance(after, list | dict):
        before = type(after)()
    if after is None and isinstance(before, list | dict):
        after = type(before)()
    return before, after


def _texts(entry: Entry) -> tuple[str, str] | None:
    """Two texts that are worth comparing line by line."""
    before, after = entry.before, entry.after
    if entry.kind != "changed" or not isinstance(before, str) or not isinstance(after, str):
        return None
    return (before, after) if len(before) + len(after) > _LONG or "\n" in before or "\n" in after else None


def _row(row: Line | Fold) -> Row:
    number = row.before if row.after is None else row.after
    if isinstance(row, Fold):
        return Row(row.kind, number, folded=row.lines)
    is_cut = any(len(each.text) > _LINE for each in row.parts)
    return Row(row.kind, number, [(_piece(each.text), each.differs) for each in row.parts], is_cut=is_cut)


def _piece(text: str) -> str:
    found = shown(text, _LINE)
    return f"{found.text}… {found.left:,} more characters" if found.left else found.text


def _operation(each: Mapping[str, Any]) -> Place:
    path = str(each.get("path", "")).strip("/").replace("/", " / ")
    kind = _KINDS.get(str(each.get("op")), "changed")
    return Place(plain(path[:300]), kind, after=shown(each["value"], _VALUE) if "value" in each else None)


def _told(entry: Entry) -> Iterator[str]:
    where = entry.place or "value"
    if (texts := _texts(entry)) is not None:
        yield f"  {where}:"
        for row in line_diff(*texts, context=None, longest_run=MOST_LINES).rows:
            yield f"{_SIGNS[row.kind]} {f'{row.lines:,} lines more' if isinstance(row, Fold) else row.text}"
        return
    if entry.kind != "added":
        yield f"{' ' if entry.kind == 'same' else '-'} {where}: {written(entry.before, indent=0)}"
    if entry.kind in ("added", "changed"):
        yield f"+ {where}: {written(entry.after, indent=0)}"
