"""Re-rankers: models that read a query and a passage together."""

from tillhand_rag.adapters.reranking.cross_encoder import CrossEncoderReranker

__all__ = ["CrossEncoderReranker"]
