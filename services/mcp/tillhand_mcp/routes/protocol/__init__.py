"""The Model Context Protocol: the same tools as over HTTP, for MCP clients."""
