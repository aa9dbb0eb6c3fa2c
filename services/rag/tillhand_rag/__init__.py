"""Tillhand's knowledge base: documents in, ranked passages and cited answers out."""
