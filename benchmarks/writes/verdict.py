"""Whether it came out as it must: what the approvals say held against what the mock shop has on record."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from benchmarks.writes.wishes import ADJUST, PRODUCT

Mark = tuple[Any, ...]
Arguments = Mapping[str, Any]
APPROVED: Final = ("executed", "failed", "outcome_unknown")
RIGHT: Final[Mapping[str, range]] = {"executed": range(1, 2), "failed": range(1), "outcome_unknown": range(2)}
"""How many writes there may be of an approved proposal, by what became of it."""
MOST_SHOWN: Final = 20


@dataclass
class Verdict:
    """The count of everything, and what is wrong. `unknown_done` of the unknown ones were done after all."""

    states: Counter[str] = field(default_factory=Counter)
    writes: int = 0
    twice_by_key: int = 0
    twice_by_proposal: int = 0
    unapproved: int = 0
    unknown_done: int = 0
    unended: int = 0
    audit_ok: bool = False
    wrong: list[str] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        """Whether all of it is as it must be."""
        return self.audit_ok and not self.wrong


def judged(
    proposals: Iterable[Mapping[str, Any]], journal: Sequence[Mapping[str, Any]], by_digest: Mapping[str, Arguments]
) -> Verdict:
    """Hold every write against its proposal, and every proposal against its writes."""
    found = Verdict(writes=len(journal))
    written = Counter(written_mark(each) for each in journal)
    keys = Counter(each["key"] for each in journal if each["key"] is not None)
    found.twice_by_key = sum(count - 1 for count in keys.values())
    claimed: set[Mark] = set()
    for each in proposals:
        found.states[each["state"]] += 1
        arguments = by_digest.get(each["digest"])
        if arguments is None:
            found.wrong.append(f"{each['id']}: nobody asked for its arguments")
            continue
        mark = wanted_mark(each["id"], each["tool"], arguments)
        _judge(found, each, written[mark])
        if each["state"] in APPROVED:
            claimed.add(mark)
    stray = [mark for mark in written if mark not in claimed]
    found.unapproved = len(stray)
    found.wrong += [f"written without an approval, or otherwise than approved: {mark}" for mark in stray]
    if found.twice_by_key:
        found.wrong.append(f"{found.twice_by_key} writes under a key that was used before")
    return found


def _judge(found: Verdict, proposal: Mapping[str, Any], writes: int) -> None:
    state = proposal["state"]
    found.twice_by_proposal += max(0, writes - 1)
    if state in {"approved", "executing"}:
        found.unended += 1
        found.wrong.append(f"{proposal['id']}: {state} for good")
    elif state == "outcome_unknown":
        found.unknown_done += writes
    if writes not in RIGHT.get(state, range(1)) and state not in {"approved", "executing"}:
        detail = (proposal.get("outcome") or {}).get("detail")
        found.wrong.append(f"{proposal['id']} ({proposal['tool']}): {state}, written {writes} times; {detail}")


def wanted_mark(proposal_id: str, tool: str, arguments: Arguments) -> Mark:
    """What tells the write of a proposal from all others: what was approved, and its key where it has one."""
    given = arguments
    if tool == ADJUST:
        what = (given["inventory_item_id"], given["location_id"], given["delta"], given["expected_available"])
        return ("inventoryAdjustQuantities", proposal_id, *what, given["cause"])
    if tool == PRODUCT:
        return ("productUpdate", None, given["product_id"], given["title"])
    price = f"{given['price_minor'] / 100:.2f}"
    return ("productVariantsBulkUpdate", None, given["product_id"], given["variant_id"], price)


def written_mark(write: Mapping[str, Any]) -> Mark:
    """The same of a write that was done; whatever else it changed makes it another."""
    operation, key, given = write["operation"], write["key"], write["arguments"]
    if operation == "inventoryAdjustQuantities":
        (one,) = given["input"]["changes"]
        what = (one["inventoryItemId"], one["locationId"], one["delta"], one["changeFromQuantity"])
        return (operation, key, *what, given["input"]["reason"])
    if operation == "productUpdate":
        return (operation, key, *_values(given["product"], "id", "title"))
    (variant,) = given["variants"]
    return (operation, key, given["productId"], *_values(variant, "id", "price"))


def _values(given: Mapping[str, Any], *names: str) -> tuple[Any, ...]:
    more = {name: value for name, value in given.items() if name not in names and value not in (None, False)}
    return (*(str(given[name]) for name in names), *sorted(more.items()))
