"""The tillhand command."""
