"""Redacts files: JSON and JSON lines by their fields, anything else as text."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tillhand_approvals.adapters.redaction.engine import PresidioDetector
from tillhand_approvals.adapters.redaction.redactor import ThreadedRedactor
from tillhand_approvals.domain.redaction.policy import DEFAULT
from tillhand_approvals.errors.redaction import UnreadableText

_LINES = frozenset({".jsonl", ".ndjson"})
_BUDGET_S = 60.0
"""Nobody waits on a loop here: a field is withheld only where a detector fails, or after a minute."""


def redact_file(
    path: Path,
    *,
    key: bytes | None = None,
    tenant: str = "default",
    rules: tuple[str, ...] = (),
    ner: str | None = None,
) -> Iterator[str]:
    """The parts of the file in their redacted form, to be written one after the other.

    `key` makes pseudonyms stable from one run to the next; without, they hold within the file. `rules` are lines of a
    field policy that hold over the default ones. Raises `UnreadableText`, `ModelUnusable`, and `ValueError` for a rule.
    """
    policy = DEFAULT.extended(rules)
    redactor = ThreadedRedactor(
        key or secrets.token_bytes(32), PresidioDetector(ner=ner), policy=policy, budget_s=_BUDGET_S
    )
    try:
        if path.suffix.lower() in _LINES:
            with path.open(encoding="utf-8") as lines:
                for line in lines:
                    yield _redacted_line(line, redactor, tenant)
        elif path.suffix.lower() == ".json":
            value = redactor.redact_now(tenant, json.loads(path.read_text("utf-8"))).value
            yield json.dumps(value, ensure_ascii=False, indent=2) + "\n"
        else:
            yield redactor.redact_text(path.read_text("utf-8"), tenant)[0]
    except (OSError, ValueError, RecursionError) as error:
        raise UnreadableText(f"{type(error).__name__} while reading the file.") from error


def _redacted_line(line: str, redactor: ThreadedRedactor, tenant: str) -> str:
    if not line.strip():
        return line
    value: Any = redactor.redact_now(tenant, json.loads(line)).value
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")) + "\n"
