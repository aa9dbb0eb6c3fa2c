"""What /ready says of the store and its indexes."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.knowledge import Knowledge, as_document, knowledge_base


@pytest.fixture
async def base(tmp_path: Path) -> AsyncIterator[Knowledge]:
    async with knowledge_base(tmp_path) as opened:
        yield opened


async def ready(base: Knowledge) -> tuple[int, dict[str, Any]]:
    await base.refresh()
    answer = await base.http.get("/ready")
    checks: dict[str, Any] = as_document(answer)["checks"]
    return answer.status_code, checks


async def test_a_store_that_keeps_what_it_cannot_show_is_not_ready_until_it_can(base: Knowledge) -> None:
    await base.put("first", "Alpha kettle.")
    keywords, aside = base.data_dir / "rag" / "indexes" / "main-000001" / "keywords", base.data_dir / "aside"
    keywords.rename(aside)
    keywords.write_text("in the way of every keyword index")
    answer = await base.http.post("/v1/documents", json={"source": "second", "text": "Beta kettle."})
    assert (answer.status_code, answer.json()["type"]) == (503, "urn:tillhand:problem:store-unavailable")
    status, checks = await ready(base)
    assert (status, checks["store"]["status"]) == (503, "failed")
    keywords.unlink()
    aside.rename(keywords)
    await base.put("third", "Gamma kettle.")
    status, checks = await ready(base)
    assert (status, checks["store"]["status"], checks["index"]["data"]["keyword_index"]) == (200, "ok", "ready")
    assert {hit["source"] for hit in await base.search("kettle", mode="keyword")} == {"first", "second", "third"}
