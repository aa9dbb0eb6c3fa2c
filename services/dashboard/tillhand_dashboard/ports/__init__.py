"""What the use cases need, as Protocols."""
