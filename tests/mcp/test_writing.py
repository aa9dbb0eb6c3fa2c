"""What an agent is told where a write, or its proposal, comes to nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, cast

import pytest
from pydantic import ValidationError

from tillhand_common.approvals_client import Refused as Said
from tillhand_common.approvals_models import ProposalView
from tillhand_mcp.adapters.messages.connector import ReplyRequest
from tillhand_mcp.adapters.messages.smtp import MailServer
from tillhand_mcp.domain.tools import Refused
from tillhand_mcp.errors import ConnectorUnavailable, ToolRefused
from tillhand_mcp.ports.approvals import Approvals
from tillhand_mcp.ports.toolbox import Caller
from tillhand_mcp.routes.tools import problem_of
from tillhand_mcp.service.calling import refusal_of
from tillhand_mcp.service.writing import Writing, task_of


@dataclass
class Refusing:
    """Approvals that refuse, and say why."""

    slug: str

    async def propose(self, *_given: Any) -> None:  # noqa: ANN401  # whatever is proposed
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


@pytest.mark.parametrize("text", ["a\u2028b", "a\x0bb", "a\x85b", "a\nBcc: b@customers.example"])
@pytest.mark.parametrize("field", ["to", "subject", "in_reply_to"])
def test_a_line_of_a_message_is_one_line(field: str, text: str) -> None:
    with pytest.raises(ValidationError):
        ReplyRequest.model_validate({"to": "a@customers.example", "subject": "s", "body": "b", field: text})


async def test_what_is_no_message_has_failed_and_was_not_sent() -> None:
    server = MailServer("smtp://127.0.0.1:9", "shop@example.com")
    with pytest.raises(ToolRefused, match="Nothing was sent"):
        await server.send("key", "Mara <", "Re", "body", None)


def test_a_connector_that_is_refused_access_is_unavailable() -> None:
    problem = problem_of(refusal_of(ConnectorUnavailable("Google refuses access.")))
    assert (problem.status, problem.slug) == (503, "connector-unavailable")


def test_what_a_person_has_found_to_be_done_is_told_as_done_and_pretends_no_answer() -> None:
    now = datetime(2026, 11, 1, tzinfo=UTC)
    settled = ProposalView.model_validate(
        {
            "id": "a" * 32,
            "state": "executed",
            "revision": 5,
            "tool": "shopify_refund",
            "tool_version": "1",
            "arguments": {},
            "digest": "d" * 64,
            "edited": False,
            "risk": "high",
            "decision": None,
            "outcome": {"status": "executed", "time": now, "detail": {"note": "It is in the bank."}},
            "created_at": now,
            "updated_at": now,
            "expires_at": now,
            "execute_by": None,
        }
    )
    task = task_of(settled)
    assert (task.state, task.result) == ("completed", None)
    assert task.refusal is not None
    assert "It is in the bank." in task.refusal.text
