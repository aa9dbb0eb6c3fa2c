"""A finding: what is the matter with a page, what it costs, how that is known, and what to do about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal, get_args

import numpy as np

from tillhand_analytics.domain.records import Engine
from tillhand_analytics.domain.seo.windows import Window

Kind = Literal["decay", "page_decay", "ctr_gap", "cannibalisation", "striking_distance", "lost_query", "engine_gap"]
KINDS: Final[tuple[Kind, ...]] = get_args(Kind)
Basis = Literal[
    "clicks at the position before the decay",
    "clicks by the site's own curve at this position",
    "clicks of the page that is not kept",
    "clicks at position 3",
    "clicks of the window before",
    "clicks at the other engine's position",
]


@dataclass(frozen=True, slots=True)
class Impact:
    """Clicks to be won a month, between `low` and `high` with 90 % confidence, against what they were counted from.

    `money_minor` is what they are worth a month where visits from search are known, None where they are not.
    """

    clicks: float
    low: float
    high: float
    basis: Basis
    money_minor: float | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to do something about. `query` is None where it is about a whole page.

    `confidence` is 1 less the smallest share of false discoveries at which it would still count, None where it is no
    test. `since` is the day from which it has been so, where that can be told. `evidence` holds named figures.
    """

    kind: Kind
    engine: Engine
    page: str
    query: str | None
    impact: Impact
    confidence: float | None
    evidence: Mapping[str, float]
    action: str
    window: Window
    since: np.datetime64 | None = None


def impact(clicks: float, low: float, high: float, basis: Basis, *, per_month: float, money_per_click: float) -> Impact:
    """An impact of clicks over a window, as of a month; `money_per_click` in minor units, NaN where it is unknown."""
    month = float(clicks * per_month)
    money = float(month * money_per_click)
    return Impact(month, float(low * per_month), float(high * per_month), basis, money if np.isfinite(money) else None)
