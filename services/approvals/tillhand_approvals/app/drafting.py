"""Who drafts replies: the knowledge base, and an assistant where one is set."""

from __future__ import annotations

from contextlib import AsyncExitStack
from dataclasses import dataclass

from tillhand_approvals.adapters.assistant import ChatAssistant
from tillhand_approvals.adapters.knowledge import NoKnowledge, RagKnowledge
from tillhand_approvals.ports.drafting import Assistant, Knowledge
from tillhand_approvals.settings import ApprovalsSettings
from tillhand_common import keys
from tillhand_common.health import Check
from tillhand_common.http import UpstreamClient


@dataclass(frozen=True, slots=True)
class Drafters:
    """Both, and what of them readiness watches."""

    knowledge: Knowledge
    assistant: Assistant | None
    checks: tuple[Check, ...]


async def open_drafters(settings: ApprovalsSettings, stack: AsyncExitStack) -> Drafters:
    """The drafters that the settings name, closed by the stack."""
    knowledge: Knowledge = NoKnowledge()
    checks: list[Check] = []
    if settings.rag_url:
        rag = RagKnowledge(
            await stack.enter_async_context(
                UpstreamClient("rag", settings.rag_url, bearer=keys.service_key(settings.rag_key, settings.data_dir))
            ),
            settings.rag_tenant,
        )
        knowledge = rag
        checks.append(Check("knowledge", rag.check, critical=False))
    assistant = None
    if settings.assistant_url and not settings.force_mocks:
        assistant = ChatAssistant(settings.assistant_url, settings.assistant_model, settings.assistant_key)
        stack.push_async_callback(assistant.aclose)
        checks.append(Check("assistant", assistant.check, traffic=False))
    return Drafters(knowledge, assistant, tuple(checks))
