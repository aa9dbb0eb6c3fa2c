"""Bulk operations: whole lists in the background, fetched as a file of one JSON value a line."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from tillhand_mcp.mock.shopify.connections import Page
from tillhand_mcp.mock.shopify.cost import Part
from tillhand_mcp.mock.shopify.values import gid, moment, split_gid

if TYPE_CHECKING:
    from tillhand_mcp.mock.shopify.context import Args, Context, Table

AT_ONCE: Final = 5
MOST_CONNECTIONS: Final = 5
MOST_DEPTH: Final = 2
ENDED: Final = frozenset({"COMPLETED", "CANCELED", "FAILED"})


@dataclass(frozen=True, slots=True)
class Chunk:
    """A part of a result: its lines, and whether it is the last."""

    rows: list[dict[str, Any]]
    last: bool


@dataclass(slots=True)
class Operation:
    """One bulk operation; `lines` is what of its result has been collected, and `rest` goes on with that."""

    id: int
    query: str
    began: float
    created_at: datetime
    cancelled: float | None = None
    lines: list[str] = field(default_factory=list)
    roots: int = 0
    rest: Iterator[Chunk] | None = None
    whole: bool = False

    @property
    def file(self) -> bytes:
        """The result as it is fetched."""
        return "".join(f"{line}\n" for line in self.lines).encode()


class Bulks:
    """The bulk operations of one app; time carries them through their states.

    A result is collected a chunk each time that somebody asks how far it is: a whole shop at once would keep all others
    waiting for seconds.
    """

    def __init__(
        self,
        clock: Callable[[], float],
        complaint: Callable[[str], str | None],
        collect: Callable[[str], Iterator[Chunk]],
        *,
        created_s: float = 1.0,
        running_s: float = 3.0,
    ) -> None:
        self._clock = clock
        self.complaint = complaint
        self._collect = collect
        self.created_s = created_s
        self.running_s = running_s
        self.operations: dict[int, Operation] = {}

    def begin(self, number: int, query: str, now: datetime) -> Operation:
        """Take up an operation."""
        self.operations[number] = Operation(number, query, self._clock(), now)
        return self.operations[number]

    def cancel(self, operation: Operation) -> None:
        """Call an operation off, which takes a moment."""
        operation.cancelled = self._clock()

    def at_work(self) -> int:
        """Return how many operations have not ended."""
        return sum(self.status(self.step(operation)) not in ENDED for operation in self.operations.values())

    def status(self, operation: Operation) -> str:
        """Return how far an operation is."""
        if operation.cancelled is not None:
            return "CANCELED" if self._clock() - operation.cancelled >= self.created_s else "CANCELING"
        elapsed = self._clock() - operation.began
        if elapsed < self.created_s:
            return "CREATED"
        return "COMPLETED" if operation.whole else "RUNNING"

    def completed_at(self, operation: Operation) -> datetime | None:
        """Return when an operation ended well."""
        if self.status(operation) != "COMPLETED":
            return None
        return operation.created_at + timedelta(seconds=self.created_s + self.running_s)

    def step(self, operation: Operation) -> Operation:
        """Collect the next chunk of a result, once the time for that has come."""
        due = self._clock() - operation.began >= self.created_s + self.running_s
        if not due or operation.whole or operation.cancelled is not None:
            return operation
        operation.rest = operation.rest or self._collect(operation.query)
        chunk = next(operation.rest)
        operation.roots += sum("__parentId" not in row for row in chunk.rows)
        operation.lines.extend(json.dumps(row, separators=(",", ":"), ensure_ascii=False) for row in chunk.rows)
        operation.whole = chunk.last
        return operation


def flat(parts: list[Part], data: Mapping[str, Any], parent: str | None) -> Iterator[dict[str, Any]]:
    """Yield the lines for all connections in an answer: an object, then what hangs on it, which names it."""
    for part in parts:
        value = data.get(part.key)
        if part.kind == "connection" and value is not None:
            yield from rows_of(part, value, parent)
        elif isinstance(value, Mapping):
            yield from flat(part.parts, value, parent)


def rows_of(part: Part, connection: Mapping[str, Any], parent: str | None) -> Iterator[dict[str, Any]]:
    """Yield the lines for the items of one connection."""
    for items in part.parts:
        inner = next((one.parts for one in items.parts if one.name == "node"), items.parts)
        for item in connection.get(items.key, ()):
            found = item.get("node", item) if items.name == "edges" else item
            row = without_connections(inner, found)
            yield row if parent is None else {**row, "__parentId": parent}
            yield from flat(inner, found, found.get("id", parent))


def without_connections(parts: list[Part], data: Mapping[str, Any]) -> dict[str, Any]:
    """Return an object without the lists that become lines of their own."""
    by_key = {part.key: part for part in parts}
    row: dict[str, Any] = {}
    for key, value in data.items():
        part = by_key.get(key)
        if part is None or not part.parts:
            row[key] = value
        elif part.kind != "connection":
            row[key] = without_connections(part.parts, value) if isinstance(value, Mapping) else value
    return row


def longest(parts: list[Part], data: Mapping[str, Any]) -> int:
    """Return how many items the longest list at the root has."""
    lists = [data[part.key].get(items.key, ()) for part in parts for items in part.parts]
    return max(map(len, lists), default=0)


def connections(parts: list[Part], depth: int = 1) -> Iterator[tuple[Part, int]]:
    """Yield the connections of a query with the depth at which each lies, from 1."""
    for part in parts:
        if part.kind == "connection":
            yield part, depth
        yield from connections(part.parts, depth + (part.kind == "connection"))


def complaint(parts: list[Part]) -> str | None:
    """Say what a bulk query may not ask for."""
    found = list(connections(parts))
    if not found:
        return "Bulk queries must contain at least one connection."
    if len(found) > MOST_CONNECTIONS:
        return f"Bulk queries cannot contain more than {MOST_CONNECTIONS} connections."
    if max(depth for _, depth in found) > MOST_DEPTH:
        return f"Bulk queries cannot contain connections with a nesting depth greater than {MOST_DEPTH}."
    if any(part.name in {"node", "nodes"} for part in parts):
        return "Bulk queries cannot contain the top-level node or nodes fields."
    if in_a_list(parts):
        return "Queries that contain a connection field within a list field are not currently supported."
    return None


def in_a_list(parts: list[Part], *, within: bool = False) -> bool:
    """Say whether a connection hangs on the items of a plain list; those of a connection come as such a list, too."""
    return any(
        (within and part.kind == "connection")
        or in_a_list(part.parts, within=within or (part.listed and part.name not in {"edges", "nodes"}))
        for part in parts
    )


def _status(operation: Operation, context: Context, _args: Args) -> str:
    return context.bulks.status(operation)


def _completed(operation: Operation, context: Context, _args: Args) -> str | None:
    at = context.bulks.completed_at(operation)
    return moment(at) if at else None


def _url(operation: Operation, context: Context, _args: Args) -> str | None:
    if context.bulks.status(operation) != "COMPLETED" or not operation.lines:
        return None
    return f"{context.base_url}bulk/{operation.id}.jsonl"


def _size(operation: Operation, context: Context, _args: Args) -> str | None:
    return str(len(operation.file)) if context.bulks.status(operation) == "COMPLETED" else None


BULK: Final[Table] = {
    "id": lambda operation, *_: gid("BulkOperation", operation.id),
    "query": lambda operation, *_: operation.query,
    "type": lambda *_: "QUERY",
    "status": _status,
    "errorCode": lambda *_: None,
    "createdAt": lambda operation, *_: moment(operation.created_at),
    "completedAt": _completed,
    "url": _url,
    "partialDataUrl": lambda *_: None,
    "fileSize": _size,
    "objectCount": lambda operation, *_: str(len(operation.lines)),
    "rootObjectCount": lambda operation, *_: str(operation.roots),
}


def bulk_node(context: Context, text: str) -> Operation | None:
    """Return a bulk operation by its global id."""
    kind, number = split_gid(text)
    found = context.bulks.operations.get(number) if kind == "BulkOperation" else None
    return context.bulks.step(found) if found else None


def current_bulk(_source: object, context: Context, args: Args) -> Operation | None:
    """Return the newest bulk query."""
    found = list(context.bulks.operations.values())
    return context.bulks.step(found[-1]) if found and args.get("type") in {None, "QUERY"} else None


def bulk_operations(_source: object, context: Context, args: Args) -> Page:
    """Return all bulk operations, by the time at which they began."""
    return context.short([context.bulks.step(one) for one in context.bulks.operations.values()], args)
