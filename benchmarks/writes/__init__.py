"""The proof of writes: whatever breaks, what people approved is done at most once, and nothing else is done."""
