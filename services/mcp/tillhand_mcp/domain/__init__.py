"""What the connectors are about, free of frameworks."""
