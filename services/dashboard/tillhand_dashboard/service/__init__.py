"""Use cases against ports."""
