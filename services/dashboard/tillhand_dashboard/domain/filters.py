"""The state of a list as it stands in the URL: what is filtered, searched, sorted, where in it one is, how dense it is.

A URL that people keep may be old or wrong: what cannot be read is left out and reported, never an error page.
Two states are equal when their canonical queries are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final, Literal
from urllib.parse import urlencode

Density = Literal["comfortable", "compact"]
DENSITIES: Final[tuple[Density, ...]] = ("comfortable", "compact")
"""The first is what stands where nothing is said."""
SEARCH: Final = "q"
SORT: Final = "sort"
CURSOR: Final = "cursor"
DENSITY: Final = "density"
LONGEST: Final = {SEARCH: 200, CURSOR: 500}
"""Characters of them; other values have at most 100."""
LONGEST_VALUE: Final = 100
MOST_VALUES: Final = 50
"""Values of one filter."""
MOST_PAIRS: Final = 200
"""Pairs of a query that are looked at."""
MOST_REPORTED: Final = 20


@dataclass(frozen=True, slots=True)
class Filter:
    """A filter that a list has: its possible values in their order, or None where each text is one."""

    name: str
    values: tuple[str, ...] | None = None
    many: bool = True


@dataclass(frozen=True, slots=True)
class Sort:
    """A column, and which way."""

    column: str
    descending: bool = False

    @property
    def written(self) -> str:
        """As it stands in a URL."""
        return f"-{self.column}" if self.descending else self.column


@dataclass(frozen=True, slots=True)
class ListShape:
    """What can be said of a list; filters stand in this order in each URL, and `default_sort` in none."""

    filters: tuple[Filter, ...] = ()
    columns: tuple[str, ...] = ()
    default_sort: Sort | None = None


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A part of a query that says nothing here: its name, at most 100 characters of it, and why."""

    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class ListState:
    """What a list shows. Made by `parse`, and by the methods, each of which gives the state that a link leads to.

    `sort` is None where the list has its default order. Whatever changes what is listed begins at the first page.
    """

    shape: ListShape = field(repr=False, compare=False)
    filters: tuple[tuple[str, tuple[str, ...]], ...] = ()
    search: str = ""
    sort: Sort | None = None
    cursor: str = ""
    density: Density = DENSITIES[0]

    @property
    def query(self) -> str:
        """The canonical query string, without a question mark: stable order, what is by default left out."""
        return urlencode(self.pairs)

    @property
    def pairs(self) -> tuple[tuple[str, str], ...]:
        """The canonical query as pairs, for the hidden inputs of a form."""
        told = [(name, value) for name, values in self.filters for value in values]
        density = "" if self.density == DENSITIES[0] else self.density
        sort = self.sort.written if self.sort else ""
        ends = ((SEARCH, self.search), (SORT, sort), (CURSOR, self.cursor), (DENSITY, density))
        return (*told, *((name, value) for name, value in ends if value))

    @property
    def is_narrowed(self) -> bool:
        """Whether anything may be missing from the list because of a filter or a search."""
        return bool(self.filters or self.search)

    @property
    def order(self) -> Sort | None:
        """How it is sorted, be it by default."""
        return self.sort or self.shape.default_sort

    def values(self, name: str) -> tuple[str, ...]:
        """The values of a filter that are chosen."""
        return dict(self.filters).get(name, ())

    def toggled(self, name: str, value: str) -> ListState:
        """With this value chosen, or no longer; where a filter takes one value, another one makes room.

        Raises `KeyError` where the list has no such filter, and `ValueError` where the filter has no such value.
        """
        chosen, known = self.values(name), _filter(self.shape, name)
        value = _one_line(value).strip()
        if known.values is not None and value not in known.values:
            raise ValueError(f"{name} has no such value")
        if value in chosen:
            return self._with(name, [each for each in chosen if each != value])
        return self._with(name, [*chosen, value] if known.many else [value])

    def without(self, name: str) -> ListState:
        """Without this filter."""
        return self._with(name, [])

    def cleared(self) -> ListState:
        """Without any filter or search; sorting and density stay."""
        return replace(self, filters=(), search="", cursor="")

    def searching(self, text: str) -> ListState:
        """With this search text, as much as a URL takes of it."""
        return replace(self, search=_one_line(text)[: LONGEST[SEARCH]].strip(), cursor="")

    def sorted_by(self, column: str) -> ListState:
        """By this column: up at first, then down, then as the list is by default, unless that is how it is now."""
        if column not in self.shape.columns:
            raise KeyError(column)
        now = self.order
        if now is None or now.column != column:
            asked: Sort | None = Sort(column)
        else:
            asked = None if now.descending else Sort(column, descending=True)
        made = self._sorted(asked)
        return made if made.sort != self.sort else self._sorted(Sort(column))

    def direction(self, column: str) -> Literal["ascending", "descending", "none"]:
        """How this column is sorted, in the words of `aria-sort`."""
        if self.order is None or self.order.column != column:
            return "none"
        return "descending" if self.order.descending else "ascending"

    def at(self, cursor: str) -> ListState:
        """At another page; an empty cursor is the first one."""
        return replace(self, cursor=cursor)

    def with_density(self, density: Density) -> ListState:
        """As dense as this, at the same page."""
        return replace(self, density=density)

    def _with(self, name: str, values: Iterable[str]) -> ListState:
        filters = {**dict(self.filters), name: _ordered(_filter(self.shape, name), values)}
        return replace(self, filters=_canonical(self.shape, filters), cursor="")

    def _sorted(self, sort: Sort | None) -> ListState:
        return replace(self, sort=None if sort == self.shape.default_sort else sort, cursor="")


@dataclass(frozen=True, slots=True)
class ParsedList:
    """A state, and what of the query is not in it."""

    state: ListState
    left_out: tuple[LeftOut, ...] = ()


def parse(shape: ListShape, pairs: Iterable[tuple[str, str]]) -> ParsedList:
    """The state that the pairs of a query tell, in any order; of what may stand once, the first one counts."""
    reader = _Reader(shape)
    for number, (name, value) in enumerate(pairs):
        if number == MOST_PAIRS:
            reader.leave_out("", f"is longer than {MOST_PAIRS} parts")
            break
        reader.take(name, value)
    return ParsedList(reader.state(), tuple(reader.left_out))


class _Reader:
    """Takes the pairs of a query, one after the other."""

    def __init__(self, shape: ListShape) -> None:
        self._shape = shape
        self._filters = {each.name: each for each in shape.filters}
        self._chosen: dict[str, list[str]] = {}
        self._single: dict[str, str] = {}
        self._faults: Mapping[str, Callable[[str], str]] = {
            SEARCH: lambda value: _length_fault(value, LONGEST[SEARCH]),
            SORT: self._sort_fault,
            CURSOR: lambda value: _length_fault(value, LONGEST[CURSOR]),
            DENSITY: lambda value: "" if value in DENSITIES else f"is none of {', '.join(DENSITIES)}",
        }
        self.left_out: list[LeftOut] = []

    def leave_out(self, name: str, reason: str) -> None:
        told = LeftOut(name[:LONGEST_VALUE], reason)
        if len(self.left_out) < MOST_REPORTED and told not in self.left_out:
            self.left_out.append(told)

    def take(self, name: str, value: str) -> None:
        value = _one_line(value[: max(LONGEST.values()) + 1]).strip()
        if not value:
            return  # an empty control of a form
        fault = self._fault(name, value)
        if fault:
            self.leave_out(name, fault)
        elif name in self._filters:
            self._chosen.setdefault(name, []).append(value)
        else:
            self._single[name] = value

    def state(self) -> ListState:
        sort = _sort(self._single.get(SORT, ""))
        density: Density = next((each for each in DENSITIES if each == self._single.get(DENSITY)), DENSITIES[0])
        return ListState(
            shape=self._shape,
            filters=_canonical(
                self._shape, {name: _ordered(self._filters[name], chosen) for name, chosen in self._chosen.items()}
            ),
            search=self._single.get(SEARCH, ""),
            sort=None if sort == self._shape.default_sort else sort,
            cursor=self._single.get(CURSOR, ""),
            density=density,
        )

    def _fault(self, name: str, value: str) -> str:
        if name in self._filters:
            return self._filter_fault(self._filters[name], value)
        if name not in self._faults:
            return "is unknown here"
        return "stands twice" if name in self._single else self._faults[name](value)

    def _filter_fault(self, known: Filter, value: str) -> str:
        chosen = self._chosen.get(known.name, ())
        if value in chosen:
            return ""
        if known.values is not None and value not in known.values:
            return "has a value that is unknown here"
        if len(chosen) >= (MOST_VALUES if known.many else 1):
            return f"has more than {MOST_VALUES} values" if known.many else "stands twice"
        return _length_fault(value, LONGEST_VALUE)

    def _sort_fault(self, value: str) -> str:
        sort = _sort(value)
        return "" if sort and sort.column in self._shape.columns else "names no column that sorts"


def _sort(value: str) -> Sort | None:
    return Sort(value.removeprefix("-"), descending=value.startswith("-")) if value else None


def _filter(shape: ListShape, name: str) -> Filter:
    """The filter of this name. Raises `KeyError`: links are made from filters that exist."""
    for each in shape.filters:
        if each.name == name:
            return each
    raise KeyError(name)


def _ordered(known: Filter, values: Iterable[str]) -> tuple[str, ...]:
    """Each value once: in the order of the filter, or of the alphabet."""
    once = set(values)
    return tuple(sorted(once, key=known.values.index if known.values else None))


def _canonical(shape: ListShape, filters: Mapping[str, tuple[str, ...]]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    return tuple((each.name, filters[each.name]) for each in shape.filters if filters.get(each.name))


def _length_fault(value: str, longest: int) -> str:
    return "" if len(value) <= longest else f"is longer than {longest} characters"


def _one_line(text: str) -> str:
    """Without what no URL should carry: control characters, and halves of characters."""
    return "".join(each if each.isprintable() else " " for each in text)
