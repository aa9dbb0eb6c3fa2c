"""Two texts line by line: what went, what came, which words of a changed line differ, and what is the same folded.

The work is bounded: lines and words are matched within one budget, beyond it in linear time and coarser (`aligning`);
a very long line is only told apart from where it begins to differ to where it ends to.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final, Literal

from tillhand_dashboard.domain.aligning import Block, Budget, blocks
from tillhand_dashboard.domain.characters import boundary

CONTEXT: Final = 3
"""Lines that are shown around what differs."""
LONGEST_RUN: Final = 400
"""Lines in a row that went or came; of more, the others are folded."""
_LONGEST_LINE: Final = 4_000
_ALIKE: Final = 0.3
"""The part of two lines that must be common for the difference to be worth marking."""
_WORDS: Final = re.compile(r"\s+|(?:\w|[^\x00-\x7f\s])+|[^\w\s]")
Kind = Literal["same", "added", "removed"]


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a line; `differs` where its counterpart has something else."""

    text: str
    differs: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """A line and its numbers, from 1, in both texts; None where it is in one alone."""

    kind: Kind
    before: int | None
    after: int | None
    parts: tuple[Part, ...]

    @property
    def text(self) -> str:
        """The whole line."""
        return "".join(each.text for each in self.parts)


@dataclass(frozen=True, slots=True)
class Fold:
    """So many lines of one kind that are not shown, and the numbers of the first of them."""

    kind: Kind
    lines: int
    before: int | None
    after: int | None


@dataclass(frozen=True, slots=True)
class LineDiff:
    """The rows from top to bottom, and how many lines came and went in all; `is_cut` where rows are missing."""

    rows: tuple[Line | Fold, ...]
    added: int
    removed: int
    is_cut: bool = False


def line_diff(
    before: str | None,
    after: str | None,
    budget: Budget | None = None,
    *,
    context: int | None = CONTEXT,
    longest_run: int = LONGEST_RUN,
    most_rows: int | None = None,
) -> LineDiff:
    """How a text becomes another; None is no text at all.

    Nothing that is the same is folded without a `context`. Several that are shown together share a budget; no row
    beyond the most is made.
    """
    old, new = (text.split("\n") if text is not None else [] for text in (before, after))
    budget = budget or Budget()
    found = blocks(old, new, budget)
    made = _rows(old, new, found, budget, context, longest_run)
    rows = tuple(islice(made, most_rows))
    changed = [block for block in found if block.kind == "changed"]
    added, removed = sum(len(each.after) for each in changed), sum(len(each.before) for each in changed)
    return LineDiff(rows, added, removed, next(made, None) is not None)


def _rows(
    old: Sequence[str], new: Sequence[str], found: Sequence[Block], budget: Budget, context: int | None, run: int
) -> Iterator[Line | Fold]:
    for number, block in enumerate(found):
        if block.kind == "same":
            yield from _same(old, block, context, is_first=number == 0, is_last=number == len(found) - 1)
        else:
            yield from _changed(old, new, block, budget, run)


def _same(
    lines: Sequence[str], block: Block, context: int | None, *, is_first: bool, is_last: bool
) -> Iterator[Line | Fold]:
    length = len(block.before)
    head, tail = (0 if is_first else context or 0), (0 if is_last else context or 0)
    if context is None or length - head - tail <= 1:
        head, tail = length, 0
    for at in range(head):
        yield _line(lines, block, at)
    if length > head + tail:
        yield Fold("same", length - head - tail, block.before[head] + 1, block.after[head] + 1)
        for at in range(length - tail, length):
            yield _line(lines, block, at)


def _line(lines: Sequence[str], block: Block, at: int) -> Line:
    return Line("same", block.before[at] + 1, block.after[at] + 1, (Part(lines[block.before[at]]),))


def _changed(
    old: Sequence[str], new: Sequence[str], block: Block, budget: Budget, longest_run: int
) -> Iterator[Line | Fold]:
    shown_old, shown_new = block.before[:longest_run], block.after[:longest_run]
    paired = [_parts(old[first], new[second], budget) for first, second in zip(shown_old, shown_new, strict=False)]
    for number, at in enumerate(shown_old):
        yield Line("removed", at + 1, None, paired[number][0] if number < len(paired) else (Part(old[at]),))
    if len(block.before) > longest_run:
        yield Fold("removed", len(block.before) - longest_run, block.before[longest_run] + 1, None)
    for number, at in enumerate(shown_new):
        yield Line("added", None, at + 1, paired[number][1] if number < len(paired) else (Part(new[at]),))
    if len(block.after) > longest_run:
        yield Fold("added", len(block.after) - longest_run, None, block.after[longest_run] + 1)


def _parts(old: str, new: str, budget: Budget) -> tuple[tuple[Part, ...], tuple[Part, ...]]:
    """The parts of a line and of what stands in its place; one part each where they have little in common."""
    if max(len(old), len(new)) > _LONGEST_LINE:
        return _ends(old, new)
    words = (_WORDS.findall(old), _WORDS.findall(new))
    found = blocks(*words, budget)
    common = sum(len(words[0][at]) for block in found if block.kind == "same" for at in block.before)
    if common < _ALIKE * max(len(old), len(new)):
        return (Part(old),), (Part(new),)
    return (
        tuple(_part(words[0], block.before, block) for block in found if block.before),
        tuple(_part(words[1], block.after, block) for block in found if block.after),
    )


def _part(words: Sequence[str], places: range, block: Block) -> Part:
    return Part("".join(words[places.start : places.stop]), differs=block.kind == "changed")


def _ends(old: str, new: str) -> tuple[tuple[Part, ...], tuple[Part, ...]]:
    head = boundary(old, _common(old, new))
    head = min(head, boundary(new, head))
    tail = _common(old[head:][::-1], new[head:][::-1])
    while tail and boundary(old, len(old) - tail) != len(old) - tail:
        tail -= 1
    made = []
    for line in (old, new):
        end = len(line) - tail
        parts = (Part(line[:head]), Part(line[head:end], differs=True), Part(line[end:]))
        made.append(tuple(part for part in parts if part.text))
    return made[0], made[1]


def _common(old: str, new: str) -> int:
    """How many characters two texts have in common at their beginning, by halving."""
    low, high = 0, min(len(old), len(new))
    while low < high:
        middle = (low + high + 1) // 2
        if old[low:middle] == new[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low
