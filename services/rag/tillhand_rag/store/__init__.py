"""Persistence of the knowledge base: the truth in SQLite, and the indexes that are built again from it at need."""

from tillhand_rag.store.knowledge import Store, StoreOptions
from tillhand_rag.store.opening import open_store

__all__ = ["Store", "StoreOptions", "open_store"]
