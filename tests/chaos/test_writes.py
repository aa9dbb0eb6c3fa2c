"""What people approved is done once, and nothing else, although the shop fails, lines break and processes are killed.

`python -m benchmarks.writes` proves the same at full length.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.writes.run import Plan, proved
from benchmarks.writes.verdict import judged
from benchmarks.writes.wishes import ADJUST, Wish

HELD = {
    "inventory_item_id": "gid://shopify/InventoryItem/1",
    "location_id": "gid://shopify/Location/1",
    "delta": 2,
    "expected_available": 5,
    "cause": "correction",
}
WISH = Wish(0, ADJUST, HELD, "approve")


def written(key: str = "p1", delta: int = 2) -> dict[str, object]:
    change = {
        "inventoryItemId": HELD["inventory_item_id"],
        "locationId": HELD["location_id"],
        "delta": delta,
        "changeFromQuantity": 5,
    }
    arguments = {"input": {"name": "available", "reason": "correction", "changes": [change]}}
    return {"operation": "inventoryAdjustQuantities", "key": key, "arguments": arguments}


def proposal(state: str) -> dict[str, object]:
    return {"id": "p1", "tool": ADJUST, "state": state, "digest": WISH.digest}


def wrong(state: str, *writes: dict[str, object]) -> int:
    return len(judged([proposal(state)], writes, {WISH.digest: HELD}).wrong)


@pytest.mark.timeout(300)  # seven processes are started
async def test_no_write_is_done_twice_or_unasked_under_faults_and_kills(tmp_path: Path) -> None:
    verdict, told = await proved(tmp_path, Plan(writes=32, kills=1, skus=60))
    assert verdict.ok, verdict
    assert sum(told.kills.values()) == 1
    assert verdict.states["executed"] > 12


def test_the_verdict_takes_what_is_right() -> None:
    assert wrong("executed", written()) == 0
    assert wrong("failed") == wrong("pending") == wrong("outcome_unknown") == wrong("outcome_unknown", written()) == 0


def test_the_verdict_finds_what_is_wrong() -> None:
    assert wrong("executed")
    assert wrong("failed", written())
    assert wrong("executed", written(), written())
    assert wrong("executing")
    for state in ("pending", "rejected"):
        assert wrong(state, written())
    assert wrong("executed", written(), written(key="p2"))
    assert wrong("executed", written(delta=3))
