"""The use cases: calling tools, proposing writes, running what was approved."""
