"""While the redactor is being loaded nothing passes, and what is refused is refused for good reason."""

from __future__ import annotations

from pathlib import Path

import pytest

from tillhand_approvals.adapters.redaction_loading import LoadingRedactor
from tillhand_approvals.errors import RedactorUnavailable


async def test_what_comes_meanwhile_waits_and_is_redacted(tmp_path: Path) -> None:
    async with LoadingRedactor(tmp_path) as redactor:
        assert (await redactor.check()).status == "degraded"
        assert (await redactor.redact("one", "mail from ann@example.com")).value == "mail from [EMAIL]"
        assert (await redactor.check()).status == "ok"


async def test_one_that_cannot_be_loaded_lets_nothing_pass(tmp_path: Path) -> None:
    (tmp_path / "pseudonyms.key").write_text("no key")
    async with LoadingRedactor(tmp_path) as redactor:
        with pytest.raises(RedactorUnavailable):
            await redactor.redact("one", "mail from ann@example.com")
        assert (await redactor.check()).status == "failed"
