"""Tools for agents over MCP and HTTP: what reads answers at once, what writes waits for a person."""
