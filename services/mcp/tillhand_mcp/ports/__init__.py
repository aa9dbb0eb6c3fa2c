"""What the use cases need, and others provide."""
