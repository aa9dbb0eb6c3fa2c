"""Reading a source into a collection, as a job: what it lists, what of it has changed, and what has vanished."""
