"""Documents of policies, as the use cases take them in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from tillhand_approvals.domain.policies import Policies
from tillhand_approvals.domain.tools import Fault, Tool


class Documents(Protocol):
    """Reads and writes what people and executors hand in."""

    def policies(self, body: Mapping[str, Any]) -> tuple[Policies | None, list[Fault]]:
        """The policies of a JSON document, or what is wrong with it."""
        ...

    def kept(self, body: Mapping[str, Any]) -> Policies:
        """Policies that were checked when they were kept."""
        ...

    def body(self, policies: Policies) -> dict[str, Any]:
        """Policies as the JSON that is kept."""
        ...

    def built_in(self) -> Policies:
        """What is in force until somebody writes others."""
        ...

    def tool(self, body: Mapping[str, Any]) -> Tool:
        """A tool that was checked when it was kept."""
        ...

    def tool_body(self, tool: Tool) -> dict[str, Any]:
        """A tool as the JSON that is kept."""
        ...
