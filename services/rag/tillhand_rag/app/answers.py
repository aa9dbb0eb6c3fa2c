"""Joins what answers questions: the prompt and the language model to write with, and what keeps answers."""

from __future__ import annotations

from tillhand_common.clock import Clock
from tillhand_rag.adapters.prompts import load_prompt
from tillhand_rag.ports.chat import ChatModel
from tillhand_rag.ports.insight import Insight
from tillhand_rag.ports.observer import Observer
from tillhand_rag.service.answer_cache import AnswerCache
from tillhand_rag.service.indexes import Indexes
from tillhand_rag.service.replying import Replying
from tillhand_rag.service.writing import Writing


def joined_writing(chat: ChatModel | None) -> Writing | None:
    """What writes answers, where a language model is configured. Raises `StartupError` for an unusable prompt."""
    return None if chat is None else Writing(chat, load_prompt())


def joined_replying(indexes: Indexes, observer: Observer, clock: Clock, insight: Insight | None = None) -> Replying:
    """What answers questions over these indexes."""
    return Replying(indexes, observer=observer, cache=AnswerCache(clock=clock), insight=insight)
