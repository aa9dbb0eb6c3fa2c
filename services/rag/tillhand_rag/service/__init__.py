"""The knowledge base's use cases, written against its ports."""
