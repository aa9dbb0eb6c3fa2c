"""Corrections as forms and histories show them: what one rests on, and what a version of it changed."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time
from typing import Any, Final

from tillhand_dashboard.domain.quoting import source_of, visible

_NAMES: Final = ("document_id", "url", "title", "start", "end", "quote")
_LONGEST_SHOWN: Final = 120


@dataclass(frozen=True, slots=True)
class Resting:
    """A source in a form: what its field holds, what a person reads beside it, and whether it has to be left out."""

    value: str
    text: str
    stale: bool = False


@dataclass(frozen=True, slots=True)
class Change:
    """What one version has another way than the one before it; None for a side on which nothing stands."""

    what: str
    before: str | None
    after: str | None


def resting(source: Mapping[str, Any]) -> Resting:
    """A source that a correction has, for its form. A quote goes with it, so that no other text takes its place."""
    kept = {name: source[name] for name in _NAMES if source.get(name) is not None}
    return Resting(json.dumps(kept, ensure_ascii=False), _told(source), bool(source.get("stale")))


def resting_again(field: str) -> Resting:
    """The same from what a form sent."""
    found = source_in(field)
    return Resting(field, visible(field) if found is None else _told(found))


def source_in(field: str) -> Mapping[str, Any] | None:
    """What a field of a form says of a source: JSON, or `document start end`; none where it is neither."""
    if not field.startswith("{"):
        return source_of(field)
    try:
        given = json.loads(field)
        json.dumps(given, ensure_ascii=False, allow_nan=False).encode()
    except (ValueError, RecursionError):  # no JSON, or nothing that JSON can say again
        return None
    return {name: given[name] for name in _NAMES if isinstance(given.get(name), str | int)}


def end_of_day(day: str) -> Mapping[str, str]:
    """The end of that day, UTC; what is no day is left for the knowledge base to refuse."""
    try:
        last = datetime.combine(datetime.fromisoformat(day).date(), time(23, 59, 59), UTC)
    except ValueError:
        return {"expires_at": day} if day else {}
    return {"expires_at": last.isoformat().replace("+00:00", "Z")}


def changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> Sequence[Change]:
    """What was changed between two versions, in the order of the form; empty where it was only verified anew."""
    sides = [(what, told(before), told(after)) for what, told in _SIDES.items()]
    return [Change(what, old or None, new or None) for what, old, new in sides if old != new]


def _questions(content: Mapping[str, Any]) -> str:
    match = content["match"]
    return visible(match["pattern"] if match["type"] == "pattern" else "\n".join(match["examples"]))


def _sources(content: Mapping[str, Any]) -> str:
    return "\n".join(_told(each) for each in content["sources"])


def _expiry(content: Mapping[str, Any]) -> str:
    moment = content["expires_at"]
    return f"{moment:%Y-%m-%d %H:%M} UTC" if moment else ""


_SIDES: Final = {
    "Questions": _questions,
    "Nearness": lambda content: "" if content["match"]["type"] == "pattern" else f"{content['match']['threshold']}",
    "Answer": lambda content: visible(content["answer"]),
    "Sources": _sources,
    "Author": lambda content: visible(content["author"]),
    "Good until": _expiry,
}


def _told(source: Mapping[str, Any]) -> str:
    name = str(source.get("title") or source.get("source") or source.get("document_id") or source.get("url") or "?")
    quote = str(source.get("quote") or "")
    if quote:
        cut = f"{quote[:_LONGEST_SHOWN]} …" if len(quote) > _LONGEST_SHOWN else quote
        return visible(f"{name}: “{' '.join(cut.split())}”")
    place = "" if source.get("start") is None else f", characters {source['start']} to {source.get('end')}"
    return visible(f"{name}{place}")
