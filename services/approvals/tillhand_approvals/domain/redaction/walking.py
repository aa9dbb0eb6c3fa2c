"""Redacts JSON: every field by the policy, and texts by the detectors; what fails or takes too long is withheld."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from tillhand_approvals.domain.redaction.finding import IDENTIFYING, Finding
from tillhand_approvals.domain.redaction.guarding import guard
from tillhand_approvals.domain.redaction.policy import DEFAULT, FieldPolicy, Rule
from tillhand_approvals.domain.redaction.replacing import NAMES, WITHHELD, Detect, is_held, redacted

DEEPEST: Final = 100
_FORMATTED: Final = "FORMATTED"
_SHORTEST: Final = 6
"""Characters of the shortest address."""
_PLAIN_KEY: Final = re.compile(r"[A-Za-z_$][A-Za-z0-9_.:$-]{0,63}")
_LONG_NUMBER: Final = re.compile(r"\d{6}|\d(?:[-._]?\d){6}")
_HARMLESS: Final = frozenset({"country", "countrycode", "currency", "currencycode", "type", "kind"})
"""What stays of a field that is redacted as a whole."""


class OutOfTime(Exception):
    """The time for a value is spent."""


@dataclass(frozen=True, slots=True)
class Redacted:
    """A value of the same shape without what is personal.

    `found`: what was taken out, never its text; `withheld`: JSON pointers to what could not be looked through.
    """

    value: Any
    found: tuple[Finding, ...] = ()
    withheld: tuple[str, ...] = ()


@dataclass(slots=True)
class Walk:
    """One value on its way to being redacted. `spent` says whether the time is over; `failures` are a detector's."""

    detect: Detect
    pseudonym: Callable[[str, str], str]
    spent: Callable[[], bool]
    policy: FieldPolicy = DEFAULT
    kinds: Collection[str] = IDENTIFYING
    failures: tuple[type[Exception], ...] = (
        OutOfTime,
        ValueError,
        TypeError,
        LookupError,
        TimeoutError,
        ArithmeticError,
    )
    found: list[Finding] = field(default_factory=list)
    withheld: list[str] = field(default_factory=list)

    def redacted(self, value: Any) -> Redacted:  # noqa: ANN401  # any JSON
        """The value in its redacted form."""
        return Redacted(self._value(value, (), "", None), tuple(self.found), tuple(self.withheld))

    def _value(self, value: Any, names: tuple[str, ...], place: str, over: Rule | None) -> Any:  # noqa: ANN401  # any JSON
        if len(names) > DEEPEST:
            return self._withhold(place)
        if isinstance(value, Mapping):
            return self._object(value, names, place, over)
        if isinstance(value, list | tuple):
            return [self._value(each, names, f"{place}/{at}", over) for at, each in enumerate(value)]
        return self._leaf(value, self._rule(names, over), place)

    def _object(
        self, value: Mapping[str, Any], names: tuple[str, ...], place: str, over: Rule | None
    ) -> dict[str, Any]:
        made: dict[str, Any] = {}
        for name, each in value.items():
            key = self._key(name, place)
            unique = key
            while unique in made:
                unique = f"{key}#{len(made)}"
            path = (*names, name)
            rule = self._rule(path, over)
            inherited = rule if rule.treatment in {"redact", "pseudonymise"} else over
            made[unique] = self._value(each, path, f"{place}/{_escaped(unique)}", inherited)
        return made

    def _rule(self, names: Sequence[str], over: Rule | None) -> Rule:
        """The field's own rule; inside a field that is redacted as a whole only its kind may be another."""
        own = self.policy.rule(names)
        if over is None or (over.treatment == "keep" and own.treatment != "scan"):
            return own
        if own.treatment == "redact" or (names and names[-1].replace("_", "").lower() in _HARMLESS):
            return own
        return over

    def _key(self, name: str, place: str) -> str:
        if is_plain_name(name):
            return name
        return self._scanned(name, place)

    def _leaf(self, value: Any, rule: Rule, place: str) -> Any:  # noqa: ANN401  # any JSON
        if value is None or isinstance(value, bool) or value == "":
            return value
        if rule.treatment == "keep" or (rule.treatment == "scan" and not isinstance(value, str)):
            return self._guarded(value, place)
        if rule.treatment == "scan":
            return self._scanned(value, place)
        text = str(value)
        if is_held(text):
            return value
        self.found.append(Finding(place, rule.kind, 0, len(text)))
        return self.pseudonym(text, rule.kind) if rule.treatment == "pseudonymise" else f"[{rule.kind}]"

    def _guarded(self, value: Any, place: str) -> Any:  # noqa: ANN401  # a leaf
        """A value that is kept, unless its form alone says that it is somebody's address, card or account."""
        text = value if isinstance(value, str) else str(value)
        if len(text) < _SHORTEST or is_held(text):
            return value
        clean = guard(text)
        if clean == text:
            return value
        self.found.append(Finding(place, _FORMATTED, 0, len(text)))
        return clean

    def _scanned(self, text: str, place: str) -> str:
        if is_held(text):
            return text
        if self.spent():
            return self._withhold(place)
        try:
            clean, spans = redacted(text, self.detect, self.kinds)
        except self.failures:
            return self._withhold(place)
        self.found.extend(Finding(place, NAMES.get(span.kind, span.kind), span.start, span.end) for span in spans)
        return clean

    def _withhold(self, place: str) -> str:
        self.withheld.append(place)
        return WITHHELD


def is_plain_name(name: str) -> bool:
    """Whether a field's name is one that a program gives, in which nothing personal is looked for."""
    return _PLAIN_KEY.fullmatch(name) is not None and _LONG_NUMBER.search(name) is None


def _escaped(name: str) -> str:
    """A name as a part of a JSON pointer (RFC 6901)."""
    return name.replace("~", "~0").replace("/", "~1")
