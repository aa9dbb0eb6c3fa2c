"""What a person has changed: a JSON Patch (RFC 6902) from what was proposed to what is in force."""

from __future__ import annotations

import copy
import json
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final, Literal

import jsonpatch
import jsonpointer

from tillhand_approvals.domain.canonical import canonical
from tillhand_approvals.domain.proposals import Json
from tillhand_approvals.domain.redaction.walking import is_plain_name

HIDDEN: Final = "[REDACTED]"
_KINDS: Final[dict[str, Literal["added", "removed", "replaced"]]] = {
    "add": "added",
    "remove": "removed",
    "replace": "replaced",
}


@dataclass(frozen=True, slots=True)
class Changed:
    """One change for people: where, and what stood and stands there; None where nothing did or does."""

    path: str
    kind: Literal["added", "removed", "replaced"]
    before: Any
    after: Any


def patch(before: Json, after: Json) -> list[Json]:
    """The operations that lead from one to the other, the same ones each time; raises `UncanonicalJson`.

    There are only `add`, `remove` and `replace`, and lists are gone through from their beginning, so that what an
    operation puts in stands at its path in the end as well. What has the same digest needs no operation.
    """
    first, last = (json.loads(canonical(each)) for each in (before, after))
    return list(jsonpatch.JsonPatch.from_diff(first, last, optimization=False).patch)


def redacted_patch(operations: Sequence[Json], redacted: Json) -> list[Json]:
    """The operations with the values of the redacted form of what they lead to; hidden where it has another shape."""
    found: list[Json] = []
    for each in operations:
        told = {**each, "path": _shown(each["path"])}
        if "value" in each:
            told["value"] = _at(redacted, each["path"], HIDDEN)
        found.append(told)
    return found


def _shown(pointer: str) -> str:
    """A pointer without the keys that no program has named: they may be somebody's address."""
    parts = pointer.split("/")
    return "/".join(
        part if not part or part.isdigit() or part == "-" or is_plain_name(part) else HIDDEN for part in parts
    )


def summary(operations: Sequence[Json], before: Json, after: Json) -> list[Changed]:
    """What a patch changes, for people, in its order, with the values of these forms of before and after.

    They may be the redacted forms; where such a form has another shape than what it stands for, the value is hidden.
    """
    stage = copy.deepcopy(before)
    found = []
    for each in operations:
        path, kind = each["path"], _KINDS[each["op"]]
        was = None if kind == "added" else _at(stage, path, HIDDEN)
        becomes = None if kind == "removed" else _at(after, path, HIDDEN)
        found.append(Changed(path, kind, was, becomes))
        with suppress(jsonpatch.JsonPatchException, jsonpointer.JsonPointerException, TypeError):
            stage = jsonpatch.apply_patch(stage, [{**each, "value": becomes}], in_place=True)
    return found


def _at(value: Json, pointer: str, otherwise: object) -> Any:  # noqa: ANN401  # any JSON
    try:
        return jsonpointer.resolve_pointer(value, pointer, otherwise)
    except (jsonpointer.JsonPointerException, TypeError):
        return otherwise
