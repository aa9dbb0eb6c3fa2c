"""The numbers of an experiment as a form holds them, and what a read-out of them may not claim."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, Protocol
from urllib.parse import urlencode

MOST_ARMS: Final = 10
FEWEST_ARMS: Final = 2
_USUAL: Final = {"planned": "10000", "least": "", "alpha": "5"}
_SERVICE: Final = {
    "name": "arm",
    "revenue_minor": "revenue",
    "revenue_deviation_minor": "deviation",
    "planned_visitors": "planned",
    "minimal_lift": "least",
}
"""What the other service calls a field, and what the form does."""
TOTALS: Final = ("visitors", "conversions", "revenue", "deviation")
MEASURES: Final = (("conversion", "Conversion"), ("revenue_per_visitor", "Revenue per visitor"))
EXAMPLE: Final = urlencode(
    [
        ("view", "experiments"),
        *(("arm", "As it is"), ("visitors", "8400"), ("conversions", "402")),
        *(("arm", "Larger pictures"), ("visitors", "8350"), ("conversions", "441")),
        *(("planned", "10000"), ("least", "5")),
    ]
)
"""The address of made-up numbers, to see what a read-out is."""


class Given(Protocol):
    """The parameters of an address, of which a name may stand there several times."""

    def get(self, name: str, default: str, /) -> str:
        """The last one of this name, or the default."""
        ...

    def getlist(self, name: str, /) -> Sequence[str]:
        """All of this name."""
        ...


@dataclass(frozen=True, slots=True)
class Filled:
    """The form as it was sent: `arms` by row, the first one the control; `wrong` by the id of a field."""

    arms: Sequence[Mapping[str, str]]
    terms: Mapping[str, str]
    asked: bool
    wrong: Mapping[str, str]
    body: Mapping[str, Any]
    rows: Sequence[int]
    """Which row each arm of the body comes from."""

    @property
    def readable(self) -> bool:
        """Whether there is something to read out."""
        return self.asked and not self.wrong

    def placed(self, field: str) -> str:
        """The id of the field of the form that the other service names; "" for none of them."""
        parts = field.split(".")[1:]
        if len(parts) > 1 and parts[0] == "arms" and parts[1].isdigit() and int(parts[1]) < len(self.rows):
            name = _SERVICE.get(parts[-1], parts[-1])
            return f"{name}-{self.rows[int(parts[1])]}" if name in {"arm", *TOTALS} else ""
        name = _SERVICE.get(parts[0], parts[0]) if parts else ""
        return name if name in {*_USUAL, "primary"} else ""


def filled(given: Given) -> Filled:
    """What an address says of an experiment."""
    columns = {name: list(given.getlist(name))[:MOST_ARMS] for name in ("arm", *TOTALS)}
    asked = any(text.strip() for column in columns.values() for text in column)
    longest = max(FEWEST_ARMS, *map(len, columns.values()))
    count = min(MOST_ARMS, longest + (1 if given.get("more", "") else 0))
    arms = [{name: _at(column, row) for name, column in columns.items()} for row in range(count)]
    terms = {name: given.get(name, usual).strip()[:40] for name, usual in _USUAL.items()}
    terms["primary"] = "revenue_per_visitor" if given.get("primary", "") == "revenue_per_visitor" else "conversion"
    rows = [row for row, arm in enumerate(arms) if any(arm.values())]
    wrong: dict[str, str] = {}
    body = {
        "arms": [_arm(arms[row], row, wrong) for row in rows],
        "primary": terms["primary"],
        "planned_visitors": _number(terms["planned"], "planned", wrong, whole=True),
        "minimal_lift": _share(terms["least"] or "0", "least", wrong),
        "alpha": _share(terms["alpha"], "alpha", wrong),
    }
    if asked and len(rows) < FEWEST_ARMS:
        wrong.setdefault("arm-1", "There must be an arm beside the control.")
    return Filled(arms, terms, asked and not given.get("more", ""), wrong if asked else {}, body, rows)


def plan_of(body: Mapping[str, Any], baseline: float) -> Mapping[str, Any] | None:
    """What to ask for to know how much the experiment needs; None where that cannot be said."""
    if not body["minimal_lift"] or not 0 < baseline < 1 or body["primary"] != "conversion":
        return None
    same = {name: body[name] for name in ("minimal_lift", "alpha")}
    return {"baseline": baseline, "arms": len(body["arms"]), **same}


Verdict = Literal["ship", "keep", "go_on", "invalid"]


def not_claimed(verdict: Verdict, *, enough: bool) -> Sequence[str]:
    """What must not be read into a verdict."""
    if verdict == "invalid":
        return (
            "Anything. Visitors did not come to the arms as intended, so that their figures are of different people.",
        )
    first = {
        "ship": "That the lift is as large as it looks: all that is shown is the lower end of its interval.",
        "keep": "That both are the same: no difference worth the change was shown, which is not that there is none.",
        "go_on": "That there is no difference, nor that there is one: it cannot be told yet.",
    }[verdict]
    few = () if enough else ("An interval: too few have converted for one.",)
    return (
        first,
        *few,
        "Anything about a device, a country or another part of the visitors: only the whole was compared.",
        "That it stays so: novelty wears off, and these are the weeks that were measured.",
    )


@dataclass(frozen=True, slots=True)
class Bar:
    """An interval as a picture 100 wide: where it begins, how wide it is, where the value and where nought lie."""

    left: float
    width: float
    value: float
    nought: float


def bar(low: float | None, value: float | None, high: float | None) -> Bar | None:
    """The picture of an interval with nought in it; None where an end is not known."""
    if low is None or value is None or high is None:
        return None
    reach = max(abs(low), abs(high), 1e-9) * 1.1
    at = {name: round(50 + 50 * each / reach, 2) for name, each in (("low", low), ("value", value), ("high", high))}
    return Bar(at["low"], round(at["high"] - at["low"], 2), at["value"], 50.0)


def _arm(arm: Mapping[str, str], row: int, wrong: dict[str, str]) -> Mapping[str, Any]:
    if not arm["arm"]:
        wrong[f"arm-{row}"] = "Give it a name."
    look: dict[str, Any] = {
        name: _number(arm[name], f"{name}-{row}", wrong, whole=True) for name in ("visitors", "conversions")
    }
    for name, of_service in (("revenue", "revenue_minor"), ("deviation", "revenue_deviation_minor")):
        if arm[name]:
            look[of_service] = _number(arm[name], f"{name}-{row}", wrong)
    return {"name": arm["arm"], "looks": [look]}


def _number(text: str, field: str, wrong: dict[str, str], *, whole: bool = False) -> float | int:
    plain = text.replace(",", "").replace("_", "").replace(" ", "").replace("\u202f", "").replace("\u00a0", "")
    try:
        found = int(plain) if whole else float(plain)
    except ValueError:
        found = -1
    if found < 0 or not math.isfinite(found):
        wrong[field] = "Give a whole number, such as 12,000." if whole else "Give a number, such as 12.5."
        return 0
    return found


def _share(text: str, field: str, wrong: dict[str, str]) -> float:
    return round(_number(text.removesuffix("%").strip(), field, wrong) / 100, 12)


def _at(column: Sequence[str], row: int) -> str:
    return column[row].strip()[:100] if row < len(column) else ""
