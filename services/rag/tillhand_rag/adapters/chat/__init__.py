"""The language model: any back end that speaks the OpenAI chat API, behind the port `ChatModel`."""

from tillhand_rag.adapters.chat.metrics import ChatMetrics
from tillhand_rag.adapters.chat.model import UPSTREAM, CompletionsModel
from tillhand_rag.adapters.chat.options import ChatOptions

__all__ = ["UPSTREAM", "ChatMetrics", "ChatOptions", "CompletionsModel"]
