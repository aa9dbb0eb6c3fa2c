"""The redactor: values on threads of its own, within a time; and the same for texts, where nobody waits on a loop."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any, Final

import structlog

from tillhand_approvals.adapters.redaction.engine import PresidioDetector
from tillhand_approvals.domain.redaction.allowing import NOTHING, AllowList
from tillhand_approvals.domain.redaction.finding import Finding, Span
from tillhand_approvals.domain.redaction.policy import DEFAULT, FieldPolicy
from tillhand_approvals.domain.redaction.pseudonyms import pseudonym
from tillhand_approvals.domain.redaction.replacing import WITHHELD, is_held
from tillhand_approvals.domain.redaction.walking import OutOfTime, Redacted, Walk, is_plain_name
from tillhand_common import private_files

BUDGET_S: Final = 0.25
"""Seconds for a value of up to `_USUAL` characters; in proportion for longer ones."""
LONGEST_S: Final = 3.0
"""Seconds that no value takes from the others, however large it is; the rest of it is withheld."""
WAITING: Final = 256
"""Values that may wait for a thread; what comes beyond waits outside."""
PATIENCE_S: Final = 10.0
"""Seconds that a value waits for its turn before it is withheld."""
_USUAL: Final = 10_000
_THREADS: Final = 2

_log = structlog.get_logger(__name__)


class ThreadedRedactor:
    """Redacts JSON. Pseudonyms are keyed, so that nobody who has only them can try names out.

    `learn` tells it names of a tenant's catalogue, which are no people.
    """

    def __init__(
        self, key: bytes, detector: PresidioDetector, *, policy: FieldPolicy = DEFAULT, budget_s: float = BUDGET_S
    ) -> None:
        self._key = key
        self._detector = detector
        self._policy = policy
        self._budget_s = budget_s
        self._allowed: dict[str, AllowList] = {}
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="redact")
        self._room = asyncio.Semaphore(WAITING)

    async def learn(self, tenant: str, names: Collection[str]) -> None:
        """Have exactly these titles, brands and vendors be the tenant's catalogue."""
        extended = partial(NOTHING.extended, names, self._detector.lexicon)
        self._allowed[tenant] = await asyncio.get_running_loop().run_in_executor(self._threads, extended)

    async def redact(self, tenant: str, value: Any) -> Redacted:  # noqa: ANN401  # any JSON
        """The value in its redacted form; withheld where its turn did not come, or none of it can be read."""
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(PATIENCE_S), self._room:
                done = await loop.run_in_executor(self._threads, partial(self.redact_now, tenant, value))
        except (TimeoutError, RecursionError, ValueError, TypeError) as error:
            _log.error("redaction_withheld", reason=type(error).__name__)
            return Redacted(withheld(value), (), ("",))
        if done.withheld:
            _log.error("redaction_withheld", reason="fields", fields=len(done.withheld))
        return done

    async def pseudonym(self, tenant: str, subject: str) -> str:
        """The stable name that stands for a person within a tenant."""
        return subject if is_held(subject) else pseudonym(self._key, tenant, subject)

    def redact_now(self, tenant: str, value: Any) -> Redacted:  # noqa: ANN401  # any JSON
        """The value in its redacted form, in the caller's own thread."""
        budget = _Budget(min(max(self._budget_s, LONGEST_S), self._budget_s * max(1.0, _size(value) / _USUAL)))
        allowed = self._allowed.get(tenant, NOTHING)

        def detect(text: str) -> list[Span]:
            budget.check()
            return self._detector.detect(text, allowed)

        walk = Walk(detect, partial(pseudonym, self._key, tenant), budget.is_spent, self._policy)
        return walk.redacted(value)

    def redact_text(self, text: str, tenant: str = "") -> tuple[str, tuple[Finding, ...]]:
        """A text in its redacted form, and what was found; for logs. What takes too long is withheld."""
        done = self.redact_now(tenant, text)
        return done.value, done.found

    async def aclose(self) -> None:
        """End the threads; what is under way comes to its end first."""
        await asyncio.to_thread(self._threads.shutdown, wait=True, cancel_futures=True)


class _Budget:
    """The time that a value may take."""

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds

    def is_spent(self) -> bool:
        return time.monotonic() >= self._end

    def check(self) -> None:
        if self.is_spent():
            raise OutOfTime


def open_redactor(folder: Path, *, ner: str | None = None) -> ThreadedRedactor:
    """The redactor with the key of its pseudonyms, which is made when there is none. Raises `ModelUnusable`."""
    path = folder / "pseudonyms.key"
    with private_files.locked(path):
        if not path.exists():
            private_files.write(path, secrets.token_hex(32).encode())
    return ThreadedRedactor(bytes.fromhex(path.read_text("ascii").strip()), PresidioDetector(ner=ner))


def withheld(value: Any) -> Any:  # noqa: ANN401  # any JSON
    """Nothing of the value but the plain names of its outermost fields, and of what kind each is."""
    if isinstance(value, dict):
        fields = ((name, each) for name, each in value.items() if is_plain_name(name))
        return {name: {} if isinstance(each, dict) else withheld(each) for name, each in fields}
    return [] if isinstance(value, list | tuple) else WITHHELD


def _size(value: Any) -> int:  # noqa: ANN401  # any JSON
    """Characters of all texts."""
    size, left = 0, [value]
    while left:
        each = left.pop()
        if isinstance(each, dict):
            left += [*each.keys(), *each.values()]
        elif isinstance(each, list | tuple):
            left += each
        elif isinstance(each, str):
            size += len(each)
    return size
