"""What the console shows and reads back, as pure rules: no framework, no I/O."""
