"""Scripts of misbehaviour: which calls go wrong, how, and how often."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal, get_args

from tillhand_mcp.mock.arrivals import Arrival
from tillhand_mcp.mock.content import Content

Kind = Literal[
    "status", "throttled", "quota", "reset", "half_close", "drip", "black_hole", "bad_json", "wrong_length", "delay"
]
Effect = Literal["before", "after"]
Target = Literal["shopify", "ga4", "search_console", "bing", "google_token", "any"]

FOREVER: Final = -1
LOWEST_STATUS: Final = 200
HIGHEST_STATUS: Final = 599
# An upstream whose answer has begun to come has already done what it was asked.
ANSWERED: Final[frozenset[Kind]] = frozenset({"half_close", "drip", "bad_json", "wrong_length"})
NUMBERS: Final = ("seconds", "retry_after_s")
COUNTS: Final = ("times", "after", "status")


class BadScript(ValueError):
    """A script that says nothing that can be done; the message names the field."""


@dataclass(slots=True)
class Fault:
    """A script: after `after` matching calls, the next `times` go wrong (-1: all of them).

    `effect` is `before` when the call is lost on its way there and `after` when the upstream does what it was asked and
    the answer is lost; without one, `half_close`, `drip`, `bad_json` and `wrong_length` come after, all else before.
    Among `any` upstream is the endpoint that gives Google's tokens; `operation` is a part of a name or of the path.
    """

    kind: Kind
    upstream: Target = "any"
    times: int = 1
    after: int = 0
    operation: str = ""
    status: int = 503
    seconds: float = 0.0
    retry_after_s: float | None = None
    effect: Effect | None = None

    @property
    def takes_effect(self) -> bool:
        """Whether the upstream does what it was asked."""
        return self.effect == "after" or (self.effect is None and self.kind in ANSWERED)

    def matches(self, arrival: Arrival) -> bool:
        """Return whether a call is one of those meant."""
        return self.upstream in {"any", arrival.upstream} and self.operation in arrival.searched


@dataclass(slots=True)
class Faults:
    """The scripts that wait for their calls, in the order in which they came."""

    waiting: list[Fault] = field(default_factory=list)

    def script(self, *faults: Fault) -> None:
        """Add scripts behind those that wait already."""
        self.waiting.extend(faults)

    def clear(self) -> None:
        """Let everything go well again."""
        self.waiting.clear()

    def take(self, arrival: Arrival) -> Fault | None:
        """Return what goes wrong with this call; the first script whose turn it is has it, and is used up by one."""
        for fault in self.waiting:
            if not fault.matches(arrival):
                continue
            if fault.after > 0:
                fault.after -= 1
                continue
            self._use_up(fault)
            return fault
        return None

    def _use_up(self, fault: Fault) -> None:
        if fault.times == FOREVER:
            return
        fault.times -= 1
        if fault.times <= 0:
            self.waiting.remove(fault)


def parsed(script: Content) -> Fault:
    """Return the fault that a JSON object describes; BadScript when it describes none."""
    if not isinstance(script, Mapping):
        raise BadScript("a script is an object")
    unknown = set(script) - set(Fault.__slots__)
    if unknown:
        raise BadScript(f"unknown field {min(unknown)!r}")
    _choose(script, "kind", get_args(Kind))
    _choose(script, "upstream", get_args(Target), "any")
    _choose(script, "effect", (*get_args(Effect), None), None)
    for name in COUNTS:
        _check(script, name, int)
    for name in NUMBERS:
        _check(script, name, int, float)
    _check(script, "operation", str)
    fault = Fault(**script)
    if not LOWEST_STATUS <= fault.status <= HIGHEST_STATUS:
        raise BadScript("status must be that of an answer")
    if fault.times < FOREVER or fault.times == 0:
        raise BadScript("times must be positive, or -1 for ever")
    return fault


def _choose(script: Mapping[str, Any], name: str, choices: tuple[Any, ...], default: Content = "") -> None:
    if script.get(name, default) not in choices:
        raise BadScript(f"{name} must be one of {', '.join(str(choice) for choice in choices)}")


def _check(script: Mapping[str, Any], name: str, *types: type) -> None:
    value = script.get(name)
    if name not in script or (name == "retry_after_s" and value is None):
        return
    if isinstance(value, bool) or not isinstance(value, types):
        raise BadScript(f"{name} must be a {'number' if int in types else 'string'}")
    if isinstance(value, int | float) and value < (FOREVER if name == "times" else 0):
        raise BadScript(f"{name} must not be negative")
