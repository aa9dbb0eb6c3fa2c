"""Persistence of the knowledge base: the truth in SQLite, and the indexes that are built again from it at need."""

from tillhand_rag.store.knowledge import Store, open_store

__all__ = ["Store", "open_store"]
