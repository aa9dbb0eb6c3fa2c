"""Pure rules: no framework, no input or output."""
