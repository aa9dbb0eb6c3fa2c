"""All tools of all connectors, by name."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tillhand_mcp.domain.tools import Tool
from tillhand_mcp.errors import UnknownTool
from tillhand_mcp.ports.connector import AnyTool, Connector, WriteTool
from tillhand_mcp.service.schemas import described


@dataclass(frozen=True, slots=True)
class Registered:
    """A tool, as it is shown, as it is bound, and whose it is."""

    shown: Tool
    bound: AnyTool
    connector: Connector


class Registry:
    """What the connectors offer. Raises `ValueError` where two offer the same name."""

    def __init__(self, connectors: Sequence[Connector]) -> None:
        self.connectors = {each.id: each for each in connectors}
        self._tools: dict[str, Registered] = {}
        for connector in connectors:
            for tool in connector.tools():
                if tool.name in self._tools:
                    raise ValueError(f"two connectors offer {tool.name}")
                self._tools[tool.name] = Registered(described(connector.id, tool), tool, connector)
        self.shown = tuple(self._tools[name].shown for name in sorted(self._tools))

    def tool(self, name: str) -> Registered:
        """The tool of this name. Raises `UnknownTool`."""
        found = self._tools.get(name)
        if found is None:
            raise UnknownTool(f"There is no tool {name[:80]!r}." if name.isidentifier() else "")
        return found

    def writes(self) -> Iterator[tuple[Tool, WriteTool]]:  # type: ignore[type-arg]  # of any model
        """Every tool that writes."""
        for each in self._tools.values():
            if isinstance(each.bound, WriteTool):
                yield each.shown, each.bound
