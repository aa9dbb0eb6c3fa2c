"""Shopify's search syntax: `status:active AND (tag:sale OR -vendor:"Bracken Lane") price:>=10 lamp*`."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

TOKEN: Final = re.compile(
    r"""\s*(?:
        (?P<open>\() | (?P<close>\)) | (?P<minus>-)(?=[\w("']) | (?P<word>AND|OR|NOT)(?=[\s()]|$)
      | (?:(?P<field>[A-Za-z_][\w.]*):(?P<op>>=|<=|>|<)?)?
        (?: "(?P<double>(?:\\.|[^"\\])*)" | '(?P<single>(?:\\.|[^'\\])*)' | (?P<bare>[^\s()]+) )
    )""",
    re.VERBOSE,
)
Predicate = Callable[[Any], bool]


@dataclass(frozen=True, slots=True)
class Term:
    """One condition; without `field` it looks into everything. `prefix` says that the value ended in `*`."""

    field: str | None
    op: str
    value: str
    prefix: bool


@dataclass(frozen=True, slots=True)
class Both:
    """All of the parts have to hold."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Either:
    """One of the parts has to hold."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """The part must not hold."""

    part: Node


Node = Term | Both | Either | Not
Token = tuple[str, Term | None]


def tokens(text: str) -> list[Token]:
    """Split a search into its signs and conditions; what makes no sense is left out, as Shopify does it."""
    found: list[Token] = []
    end = 0
    while matched := TOKEN.match(text, end):
        end = matched.end()
        groups = matched.groupdict()
        sign = next((name for name in ("open", "close", "minus") if groups[name]), groups["word"])
        found.append((sign, None) if sign else ("term", term(groups)))
    return found


def term(groups: dict[str, str | None]) -> Term:
    """Return the condition that a token holds."""
    quoted = groups["double"] if groups["double"] is not None else groups["single"]
    bare = groups["bare"] or ""
    value = re.sub(r"\\(.)", r"\1", quoted if quoted is not None else bare)
    prefix = quoted is None and value.endswith("*")
    return Term(groups["field"], groups["op"] or "", value.removesuffix("*") if prefix else value, prefix)


class Parser:
    """Reads tokens from left to right; OR binds less than AND, which may be left out."""

    def __init__(self, found: list[Token]) -> None:
        self._tokens = found
        self._at = 0

    def either(self) -> Node:
        """Read conditions that OR separates."""
        parts = [self.both()]
        while self._next() == "OR":
            self._at += 1
            parts.append(self.both())
        return parts[0] if len(parts) == 1 else Either(tuple(parts))

    def both(self) -> Node:
        """Read conditions that stand side by side."""
        parts: list[Node] = []
        while self._next() not in {None, "close", "OR"}:
            if self._next() == "AND":
                self._at += 1
            else:
                parts.append(self.one())
        return parts[0] if len(parts) == 1 else Both(tuple(parts))

    def one(self) -> Node:
        """Read one condition, or several in parentheses."""
        kind, found = self._tokens[self._at]
        self._at += 1
        if kind in {"minus", "NOT"}:
            return Not(self.one() if self._next() not in {None, "close"} else Both(()))
        if kind == "open":
            inner = self.either()
            self._at += self._next() == "close"
            return inner
        return found or Both(())

    def done(self) -> bool:
        """Say whether everything was read; a parenthesis too many stops the reading."""
        return self._at >= len(self._tokens)

    def _next(self) -> str | None:
        return self._tokens[self._at][0] if self._at < len(self._tokens) else None


def parse(text: str) -> Node:
    """Return what a search asks for; an empty one asks for nothing, which everything fulfils."""
    parser = Parser(tokens(text))
    try:
        tree = parser.either()
    except RecursionError:  # thousands of parentheses, which mean nothing
        return Both(())
    return tree if parser.done() else Both((tree,))


def predicate(node: Node, compile_term: Callable[[Term], Predicate]) -> Predicate:
    """Return a function that says whether an object is what a search asks for."""
    if isinstance(node, Term):
        return compile_term(node)
    if isinstance(node, Not):
        inner = predicate(node.part, compile_term)
        return lambda item: not inner(item)
    parts = [predicate(part, compile_term) for part in node.parts]
    if isinstance(node, Both):
        return lambda item: all(part(item) for part in parts)
    return lambda item: any(part(item) for part in parts)
