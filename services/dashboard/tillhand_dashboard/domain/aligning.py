"""What two sequences have in common, in order; bounded work, whatever they hold.

Where the budget allows it, the longest common subsequence of what differs. Beyond that, in linear time but for a sort:
what stands once in each of them holds its place, as in a patience diff, and only the gaps between that are compared, as
far as the budget reaches. What is not compared counts as different.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, Literal

CELLS: Final = 400_000
"""Pairs that may be compared in all, where nothing else is said."""
Pair = tuple[int, int]


@dataclass(slots=True)
class Budget:
    """How many pairs may still be compared."""

    cells: int = CELLS

    def takes(self, cells: int) -> bool:
        """Whether there is so much left; it is spent then."""
        if cells > self.cells:
            return False
        self.cells -= cells
        return True


@dataclass(frozen=True, slots=True)
class Block:
    """A stretch of both sequences, by positions: the same in both, or not."""

    kind: Literal["same", "changed"]
    before: range
    after: range


def blocks(before: Sequence[Hashable], after: Sequence[Hashable], budget: Budget | None = None) -> list[Block]:
    """The stretches that two sequences are made of, in order; no two of one kind follow one another."""
    found: list[Block] = []
    first = second = 0
    for run in _runs(_matches(before, after, budget or Budget())):
        start, end = run[0], run[-1]
        if start != (first, second):
            found.append(Block("changed", range(first, start[0]), range(second, start[1])))
        found.append(Block("same", range(start[0], end[0] + 1), range(start[1], end[1] + 1)))
        first, second = end[0] + 1, end[1] + 1
    if (first, second) != (len(before), len(after)):
        found.append(Block("changed", range(first, len(before)), range(second, len(after))))
    return found


def _runs(matches: list[Pair]) -> Iterator[list[Pair]]:
    """Pairs that follow one another in both sequences, together."""
    run: list[Pair] = []
    for pair in matches:
        if run and pair != (run[-1][0] + 1, run[-1][1] + 1):
            yield run
            run = []
        run.append(pair)
    if run:
        yield run


def _matches(before: Sequence[Hashable], after: Sequence[Hashable], budget: Budget) -> list[Pair]:
    ends = (len(before), len(after))
    found, start, end = _trimmed(before, after, (0, 0), ends)
    tail = list(zip(range(end[0], ends[0]), range(end[1], ends[1]), strict=True))
    if budget.takes((end[0] - start[0]) * (end[1] - start[1])):
        return [*found, *_longest(before, after, start, end), *tail]
    anchors = _anchors(before, after, start, end)
    if anchors:
        for (first, second), gap_end in pairwise([(start[0] - 1, start[1] - 1), *anchors, end]):
            found += _gap(before, after, (first + 1, second + 1), gap_end, budget)
            if gap_end != end:
                found.append(gap_end)
    return [*found, *tail]


def _gap(before: Sequence[Hashable], after: Sequence[Hashable], start: Pair, end: Pair, budget: Budget) -> list[Pair]:
    found, inner_start, inner_end = _trimmed(before, after, start, end)
    if budget.takes((inner_end[0] - inner_start[0]) * (inner_end[1] - inner_start[1])):
        found += _longest(before, after, inner_start, inner_end)
    return [*found, *zip(range(inner_end[0], end[0]), range(inner_end[1], end[1]), strict=True)]


def _trimmed(
    before: Sequence[Hashable], after: Sequence[Hashable], start: Pair, end: Pair
) -> tuple[list[Pair], Pair, Pair]:
    """The pairs at the beginning that are the same, and what is left without those at the end."""
    most = min(end[0] - start[0], end[1] - start[1])
    head = 0
    while head < most and before[start[0] + head] == after[start[1] + head]:
        head += 1
    tail = 0
    while tail < most - head and before[end[0] - tail - 1] == after[end[1] - tail - 1]:
        tail += 1
    found = [(start[0] + each, start[1] + each) for each in range(head)]
    return found, (start[0] + head, start[1] + head), (end[0] - tail, end[1] - tail)


def _anchors(before: Sequence[Hashable], after: Sequence[Hashable], start: Pair, end: Pair) -> list[Pair]:
    """What stands once in each, as far as it is in one order: the longest increasing run of their positions."""
    once = [
        {each for each, count in Counter(sequence[low:high]).items() if count == 1}
        for sequence, low, high in ((before, start[0], end[0]), (after, start[1], end[1]))
    ]
    common = once[0] & once[1]
    places = {after[at]: at for at in range(start[1], end[1]) if after[at] in common}
    pairs = [(at, places[before[at]]) for at in range(start[0], end[0]) if before[at] in common]
    lowest: list[int] = []
    ending: list[int] = []
    previous: list[int] = []
    for number, (_, second) in enumerate(pairs):
        length = bisect_left(lowest, second)
        lowest[length : length + 1] = [second]
        ending[length : length + 1] = [number]
        previous.append(ending[length - 1] if length else -1)
    chosen = []
    number = ending[-1] if ending else -1
    while number >= 0:
        chosen.append(pairs[number])
        number = previous[number]
    return chosen[::-1]


def _longest(before: Sequence[Hashable], after: Sequence[Hashable], start: Pair, end: Pair) -> list[Pair]:
    """The longest common subsequence of a stretch; of equals, the one whose pairs come first."""
    width = end[1] - start[1]
    if width == 0:
        return []
    rest = [[0] * (width + 1)]
    columns = range(width - 1, -1, -1)
    for first in range(end[0] - 1, start[0] - 1, -1):
        item, below, row = before[first], rest[-1], [0] * (width + 1)
        for column in columns:
            if item == after[start[1] + column]:
                row[column] = below[column + 1] + 1
            else:
                row[column] = max(row[column + 1], below[column])
        rest.append(row)
    rest.reverse()
    return list(_walked(before, after, start, end, rest))


def _walked(
    before: Sequence[Hashable], after: Sequence[Hashable], start: Pair, end: Pair, rest: list[list[int]]
) -> Iterator[Pair]:
    first, second = start
    while first < end[0] and second < end[1]:
        row, column = first - start[0], second - start[1]
        if before[first] == after[second]:
            yield first, second
            first, second = first + 1, second + 1
        elif rest[row + 1][column] >= rest[row][column + 1]:
            first += 1
        else:
            second += 1
