"""Joins what answers questions: the prompt and the language model to write with, and what keeps answers."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Sequence
from typing import Final

from tillhand_common.clock import Clock
from tillhand_rag.adapters.prompts import load_prompt
from tillhand_rag.domain.injection import SuspiciousSpan, suspicious_spans
from tillhand_rag.ports.chat import ChatModel
from tillhand_rag.ports.flagging import Flag
from tillhand_rag.ports.insight import Insight
from tillhand_rag.ports.observer import Observer
from tillhand_rag.service.answer_cache import AnswerCache, CacheOptions
from tillhand_rag.service.indexes import Indexes
from tillhand_rag.service.replying import Replying
from tillhand_rag.service.writing import Writing, WritingOptions
from tillhand_rag.settings import RagSettings

_MOST_FLAGGED: Final = 4_096


class _Flagging:
    """Finds instructions to language models. A passage is looked at once, however often it is quoted.

    What was found is kept under a digest: no text stays in memory after its document has gone.
    """

    def __init__(self) -> None:
        self._found: OrderedDict[bytes, Sequence[SuspiciousSpan]] = OrderedDict()

    def __call__(self, text: str, context: str = "", /) -> Sequence[SuspiciousSpan]:
        """Those of a passage."""
        key = hashlib.blake2b(f"{len(context)} {context}{text}".encode(), digest_size=16).digest()
        if key not in self._found:
            self._found[key] = suspicious_spans(text, context)
            if len(self._found) > _MOST_FLAGGED:
                self._found.popitem(last=False)
        return self._found[key]


FLAG: Final[Flag] = _Flagging()


def joined_writing(settings: RagSettings, chat: ChatModel | None) -> Writing | None:
    """What writes answers, where a language model is configured. Raises `StartupError` for an unusable prompt."""
    if chat is None:
        return None
    options = WritingOptions(
        sources=settings.answer_sources,
        max_tokens=settings.chat_max_tokens,
        timeout_s=settings.chat_timeout_s,
        unsupported=settings.answer_unsupported,
    )
    return Writing(chat, load_prompt(settings.answer_prompt, settings.prompts_dir), options)


def joined_replying(
    settings: RagSettings, indexes: Indexes, observer: Observer, clock: Clock, insight: Insight | None = None
) -> Replying:
    """What answers questions over these indexes."""
    options = CacheOptions(settings.answer_cache_bytes, settings.answer_cache_entries, settings.answer_cache_max_age_s)
    return Replying(indexes, observer=observer, cache=AnswerCache(options, clock), insight=insight)
