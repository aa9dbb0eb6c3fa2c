"""A bounded load run against a running service: what is asked, how fast, what came of it, and how it is shown."""
