"""Verifies an export of the audit log, offline: from files alone."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tillhand_approvals.adapters.signing import PublicKeys, read_checkpoints
from tillhand_approvals.domain.audit import Verifier
from tillhand_approvals.errors import UnreadableExport
from tillhand_approvals.service.auditing import report_body
from tillhand_common.actor import load_public_keys


def verify_export(
    export: Path, *, checkpoints: Path | None = None, public_keys: Path | None = None, tenant: str | None = None
) -> Mapping[str, Any]:
    """The report on an export, as `POST /v1/audit/verify` gives it; the tenant is the first record's unless named.

    `checkpoints` holds JSON lines, or what `GET /v1/audit/checkpoints` answered; `public_keys` PEM blocks, by which
    their signatures are checked: without, they count as unsigned. Raises `UnreadableExport`.
    """
    try:
        signed = PublicKeys(load_public_keys(public_keys) if public_keys is not None else ()).signed
        known = [] if checkpoints is None else read_checkpoints(checkpoints)
        with export.open("rb") as file:
            first = file.readline()
            file.seek(0)
            whose = tenant or _tenant(first)
            verifier = Verifier(whose, [each for each in known if each.tenant == whose], signed, partial=True)
            for line in file:
                verifier.take(line.rstrip(b"\r\n"))
    except (OSError, ValueError) as error:
        raise UnreadableExport(f"{type(error).__name__} while reading the files.") from error
    return report_body(verifier.end())


def _tenant(line: bytes) -> str:
    """Whose record begins with this line. Raises `ValueError` where it is none."""
    record = json.loads(line)
    return str(record.get("data", {}).get("tenant") or record["tenant"])
