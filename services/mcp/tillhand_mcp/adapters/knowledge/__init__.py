"""The knowledge base of the platform."""
