"""Pure rules of the knowledge base: no framework, no I/O."""
