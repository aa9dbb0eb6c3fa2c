"""What goes wrong at the mock shop, drawn by a seed.

Every kind comes before the effect of a call and after it, but for one: an upstream that says that it refused a call
(a 4xx, a throttling) has not done it. One that lies about that cannot be found out by any client.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Any, Final

Script = Mapping[str, Any]

FAILING: Final = (500, 502, 503, 504)
REFUSING: Final = (401, 403, 429)
BROKEN: Final = ("reset", "half_close", "wrong_length", "bad_json", "drip", "status", "status", "delay")
CALLS_PER_WRITE: Final = 3.5
"""How many calls a write comes to: a look when it is proposed, one before it is done, and the write."""
WRITTEN: Final = ("inventoryAdjustQuantities", "inventoryAdjustQuantities", "Tillhand")
BURST: Final = 14
"""Failures in a row: enough for the breaker to open while writes are tried again."""


def drawn(chance: random.Random, writes: int, share: float) -> list[Script]:
    """Scripts for about so many writes, of whose calls a share goes wrong."""
    calls = round(writes * CALLS_PER_WRITE)
    return [{**one(chance), "upstream": "shopify", "after": place} for place in range(calls) if chance.random() < share]


def one(chance: random.Random) -> Script:
    """One fault."""
    if chance.random() < 0.2:
        return {"kind": "throttled", "retry_after_s": 0.1}
    if chance.random() < 0.1:
        return {"kind": "status", "status": chance.choice(REFUSING), "effect": "before", "retry_after_s": 0.1}
    kind = chance.choice(BROKEN)
    more: dict[str, Any] = {"effect": chance.choice(("before", "after"))}
    if kind == "status":
        more["status"] = chance.choice(FAILING)
    if kind == "delay":
        more["seconds"] = round(chance.uniform(0.05, 0.8), 2)
    return {"kind": kind, **more}


def outage(chance: random.Random) -> Script:
    """Writes that take effect, and whose answers are all lost, one after the other."""
    kind = chance.choice(("reset", "half_close", "status"))
    return {"kind": kind, "effect": "after", "operation": chance.choice(WRITTEN), "times": BURST}


def silence() -> Script:
    """One write that takes effect and is never answered."""
    return {"kind": "black_hole", "effect": "after", "operation": "inventoryAdjustQuantities"}
