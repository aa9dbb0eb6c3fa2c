"""The pages of the knowledge base where there is none."""

from __future__ import annotations

import pytest

from tests.fakes.visitor import Visitor


@pytest.mark.parametrize("path", ["/ask?question=x", "/documents", "/documents?q=x", "/documents/d", "/corrections"])
async def test_without_a_knowledge_base_a_page_says_what_to_set(operator: Visitor, path: str) -> None:
    assert (await operator.open(path)).status_code == 200
    assert "Set TILLHAND_RAG_URL." in operator.text
