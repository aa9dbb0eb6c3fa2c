"""What an agent is told where the approvals say no to a proposal."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast

import pytest

from tillhand_common.approvals_client import Refused as Said
from tillhand_mcp.domain.tools import Refused
from tillhand_mcp.ports.approvals import Approvals
from tillhand_mcp.ports.toolbox import Caller
from tillhand_mcp.service.writing import Writing


@dataclass
class Refusing:
    """Approvals that refuse, and say why."""

    slug: str

    async def propose(self, *given: Any) -> None:  # noqa: ANN401, ARG002  # whatever is proposed
        raise Said(422, {"type": f"urn:tillhand:problem:{self.slug}", "detail": "They say no."})


@pytest.mark.parametrize(
    ("said", "slug", "retry_after_s"),
    [("policy-denies", "policy-denies", None), ("tool-not-registered", "approvals-unavailable", 2.0)],
)
async def test_a_tool_that_the_approvals_do_not_know_yet_is_one_to_try_again(
    said: str, slug: str, retry_after_s: float | None
) -> None:
    writing = Writing(cast("Approvals", Refusing(said)))
    told = await writing.propose(cast("Caller", None), "reply_to_customer", {}, "")
    assert isinstance(told, Refused)
    assert (told.slug, told.retry_after_s) == (slug, retry_after_s)
