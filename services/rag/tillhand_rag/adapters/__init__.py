"""The outside world of the knowledge base, one file per system."""
