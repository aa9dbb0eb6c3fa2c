"""What speaks for a proposal, sorted for whoever reads it: a customer's message, citations, figures, notices."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tillhand_dashboard.domain.changes import Change, changes, is_change
from tillhand_dashboard.domain.proposal_values import Member, Shown, members, plain, shown

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Citation:
    """A quote. `number` is its place in the evidence; `place` where its source has it, if it says so."""

    number: int
    title: str
    quote: Shown
    place: str
    opens: bool


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure, with where it comes from."""

    name: str
    value: Shown
    origin: Sequence[Member]


@dataclass(frozen=True, slots=True)
class Evidence:
    """All of it. `mock`: some of it says that its data are made up; `other` is what no page knows the kind of."""

    changes: Sequence[Change]
    citations: Sequence[Citation]
    figures: Sequence[Figure]
    notices: Sequence[str]
    other: Sequence[tuple[str, Sequence[Member]]]
    message: Row | None = None
    draft: Row | None = None
    mock: bool = False


def sorted_out(evidence: Sequence[Row]) -> Evidence:
    """Evidence by its kinds."""
    kinds: dict[str, list[tuple[int, Row]]] = {}
    for number, each in enumerate(evidence):
        kinds.setdefault("change" if is_change(each) else str(each.get("kind")), []).append((number, each))
    known = {"change", "citation", "figure", "notice", "message", "draft"}
    return Evidence(
        changes=changes(kinds.get("change", ())),
        citations=[_citation(*each) for each in kinds.get("citation", ())],
        figures=[_figure(each) for _, each in kinds.get("figure", ())],
        notices=[_notice(each) for _, each in kinds.get("notice", ())],
        other=[
            (plain(kind[:60]), members({key: value for key, value in each.items() if key != "kind"})[0])
            for kind, those in kinds.items()
            if kind not in known
            for _, each in those
        ],
        message=_first(kinds, "message"),
        draft=_first(kinds, "draft"),
        mock=any("mock" in (each.get("mode"), _nested(each, "provenance", "mode")) for each in evidence),
    )


def span(citation: Row) -> tuple[str, str, int, int] | None:
    """Where a citation stands: document, collection, first character and the one after the last; None if nowhere."""
    document, start, end = citation.get("document_id"), citation.get("start"), citation.get("end")
    if not (isinstance(document, str) and document and type(start) is int and type(end) is int and 0 <= start < end):
        return None
    return document, str(citation.get("collection") or "default"), start, end


def _citation(number: int, each: Row) -> Citation:
    heading = each.get("heading_path")
    path = " / ".join(map(str, heading)) if isinstance(heading, list) else ""
    title = str(each.get("title") or each.get("source") or each.get("document_id") or "source")
    quote = shown(each.get("quote") or each.get("text") or "")
    return Citation(number, plain(title[:200]), quote, plain(path[:300]), span(each) is not None)


def _figure(each: Row) -> Figure:
    rest = {key: value for key, value in each.items() if key not in {"kind", "name", "value"}}
    return Figure(plain(str(each.get("name", "figure"))[:200]), shown(each.get("value")), members(rest, 30)[0])


def _notice(each: Row) -> str:
    return shown(each.get("text") or each.get("message") or each.get("detail") or dict(each), 500).text


def _first(kinds: Mapping[str, Sequence[tuple[int, Row]]], kind: str) -> Row | None:
    return kinds[kind][0][1] if kind in kinds else None


def _nested(each: Row, name: str, member: str) -> object:
    inner = each.get(name)
    return inner.get(member) if isinstance(inner, Mapping) else None
