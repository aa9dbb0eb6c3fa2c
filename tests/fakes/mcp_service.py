"""The connectors as a process of their own; run by its path."""

from __future__ import annotations

from tillhand_mcp.__main__ import main

if __name__ == "__main__":
    main()
