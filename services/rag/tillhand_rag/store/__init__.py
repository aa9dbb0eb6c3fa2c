"""Persistence of the knowledge base: the truth in SQLite, and the indexes that are built again from it at need."""

from tillhand_rag.store.knowledge import Store
from tillhand_rag.store.layout import Layout, holds_documents
from tillhand_rag.store.lock import DirectoryLock
from tillhand_rag.store.opening import open_store
from tillhand_rag.store.options import StoreOptions

__all__ = ["DirectoryLock", "Layout", "Store", "StoreOptions", "holds_documents", "open_store"]
