"""How live the console is, beside all the other services and before a real browser."""
