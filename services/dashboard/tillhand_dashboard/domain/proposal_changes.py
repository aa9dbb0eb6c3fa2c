"""Before and after of a proposal: what its evidence says would change, and what a person has changed in it."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from tillhand_dashboard.domain.proposal_values import Shown, plain, shown

Kind = Literal["same", "added", "removed"]
MOST_COMPARED: Final = 20_000
"""Characters of two texts that are compared line by line; longer ones stand beside each other."""
_VERBS: Final = {"add": "added", "remove": "removed", "replace": "replaced"}


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a text, and in which of the two it stands."""

    kind: Kind
    text: str


@dataclass(frozen=True, slots=True)
class Change:
    """One change. `lines` where two texts were compared; None for a side on which nothing stands."""

    what: str
    before: Shown | None
    after: Shown | None
    lines: Sequence[Line] = ()


def changes(evidence: Sequence[Mapping[str, Any]]) -> Sequence[Change]:
    """What evidence of the kind `change` says."""
    return [
        _change(" · ".join(str(each[name]) for name in ("what", "field") if each.get(name)), each)
        for each in evidence
        if each.get("kind") == "change" or {"before", "after"} <= each.keys()
    ]


def edits(patch: Sequence[Mapping[str, Any]]) -> Sequence[Change]:
    """What a person has changed, from the operations that lead from what was proposed to what is in force."""
    found = []
    for each in patch:
        verb = _VERBS.get(str(each.get("op")), "changed")
        path = str(each.get("path", "")).strip("/").replace("/", " / ")
        after = shown(each["value"]) if "value" in each else None
        found.append(Change(plain(f"{path or 'everything'}, {verb}"), None, after))
    return found


def _change(what: str, evidence: Mapping[str, Any]) -> Change:
    before, after = evidence.get("before"), evidence.get("after")
    return Change(
        plain(what[:200]) or "change",
        None if before is None else shown(before),
        None if after is None else shown(after),
        _lines(before, after) if isinstance(before, str) and isinstance(after, str) else (),
    )


def _lines(before: str, after: str) -> Sequence[Line]:
    if len(before) + len(after) > MOST_COMPARED or "\n" not in before + after:
        return ()
    kinds: Mapping[str, Kind] = {" ": "same", "+": "added", "-": "removed"}
    compared = difflib.ndiff(before.splitlines(), after.splitlines())
    return [Line(kinds[each[0]], plain(each[2:])) for each in compared if each[0] in kinds]
