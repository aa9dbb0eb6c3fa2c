"""Pure rules and arithmetic over arrays: no framework, no input or output."""
