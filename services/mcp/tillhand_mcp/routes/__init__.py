"""HTTP in and out, no logic."""
