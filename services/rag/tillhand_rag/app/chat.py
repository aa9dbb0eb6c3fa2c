"""The language model that the settings describe, if they describe one."""

from __future__ import annotations

from tillhand_common.health import Check
from tillhand_common.http import UpstreamMetrics
from tillhand_common.metrics import Metrics
from tillhand_rag.adapters.chat import UPSTREAM, ChatMetrics, ChatOptions, CompletionsModel
from tillhand_rag.settings import RagSettings

CHECK_INTERVAL_S = 30.0


def chat_model(settings: RagSettings, metrics: Metrics) -> CompletionsModel | None:
    """None without an address, and where mocks are forced: answers are then quoted."""
    counters, upstreams = ChatMetrics(metrics), UpstreamMetrics(metrics, {UPSTREAM})
    if not settings.chat_url or settings.force_mocks:
        return None
    options = ChatOptions(
        base_url=settings.chat_url,
        model=settings.chat_model,
        api_key=settings.chat_api_key,
        temperature=settings.chat_temperature,
        max_tokens=settings.chat_max_tokens,
        timeout_s=settings.chat_timeout_s,
        stall_s=settings.chat_stall_s,
    )
    return CompletionsModel(options, metrics=counters, upstreams=upstreams)


def chat_check(model: CompletionsModel) -> Check:
    """Whether it can be asked. It never keeps the service from being ready: quotes need no model."""
    return Check("chat", model.probe, critical=False, interval_s=CHECK_INTERVAL_S)
