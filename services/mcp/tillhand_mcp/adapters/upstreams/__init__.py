"""What the vendors' connectors share: how they stand, tokens that run out, and buckets that learn from answers."""
