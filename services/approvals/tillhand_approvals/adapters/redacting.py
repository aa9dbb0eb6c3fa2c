"""The redactor: fields by their names first, then what detectors find in free text; off the loop, within a time."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import secrets
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final

import structlog

from tillhand_approvals.domain.detection import detected
from tillhand_approvals.domain.field_policy import treatment
from tillhand_approvals.ports.redaction import Redacted
from tillhand_common import private_files

WITHHELD: Final = "[WITHHELD]"
BUDGET_S: Final = 2.0
_SHORTEST: Final = 10
_DIGITS: Final = 16

_log = structlog.get_logger(__name__)


class FieldRedactor:
    """Redacts JSON. Pseudonyms are keyed, so that nobody who has only them can try names out."""

    def __init__(self, key: bytes, *, budget_s: float = BUDGET_S) -> None:
        self._key = key
        self._budget_s = budget_s
        self._threads = ThreadPoolExecutor(1, thread_name_prefix="redact")

    async def redact(self, tenant: str, value: Any) -> Redacted:  # noqa: ANN401  # any JSON
        """The value in its redacted form; as a whole withheld where the time was not enough."""
        del tenant  # every tenant's fields are treated alike
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(self._budget_s):
                return Redacted(await loop.run_in_executor(self._threads, redacted, value))
        except TimeoutError:
            _log.error("redaction_withheld", reason="out of time")
        except (ValueError, TypeError, RecursionError) as error:
            _log.error("redaction_withheld", reason=type(error).__name__)
        return Redacted(withheld(value), ("/",))

    async def pseudonym(self, tenant: str, subject: str) -> str:
        """The stable name that stands for a person within a tenant."""
        plain = " ".join(subject.lower().split())
        digest = hmac.digest(self._key, f"{tenant}\0{plain}".encode(), hashlib.sha256).hex()
        return f"person-{digest[:_DIGITS]}"


def open_redactor(folder: Path) -> FieldRedactor:
    """The redactor with the key of its pseudonyms, which is made when there is none."""
    path = folder / "pseudonyms.key"
    with private_files.locked(path):
        if not path.exists():
            private_files.write(path, secrets.token_hex(32).encode())
    return FieldRedactor(bytes.fromhex(path.read_text("ascii").strip()))


def redacted(value: Any, key: str = "", parent: str | None = None) -> Any:  # noqa: ANN401  # any JSON
    """The value in its redacted form."""
    if isinstance(value, dict):
        return {redacted_text(name): redacted(each, name, key) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [redacted(each, key, parent) for each in value]
    how, kind = treatment(key, parent)
    if how == "redact" and value not in (None, "", True, False):
        return f"[{kind}]"
    if isinstance(value, str) and how == "scan":
        return redacted_text(value)
    return value


def redacted_text(text: str) -> str:
    """A text with placeholders for what was found."""
    if len(text) < _SHORTEST:
        return text
    parts, last = [], 0
    for each in detected(text):
        parts += [text[last : each.start], f"[{each.kind}]"]
        last = each.end
    return "".join([*parts, text[last:]])


def withheld(value: Any) -> Any:  # noqa: ANN401  # any JSON
    """Nothing of the value but the names of its outermost fields, and of what kind each is."""
    if isinstance(value, dict):
        return {name: {} if isinstance(each, dict) else withheld(each) for name, each in value.items()}
    return [] if isinstance(value, list | tuple) else WITHHELD
