"""The one normaliser: what the connectors' tools answer, live or recorded, becomes the columns of a shop."""
