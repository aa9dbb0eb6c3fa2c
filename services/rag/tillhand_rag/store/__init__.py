"""Persistence of the knowledge base: the truth in SQLite, and the two indexes rebuilt from it."""
