"""What there is to read beside tools: documents and reports of connectors, and prompts to begin with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tillhand_mcp.domain.tools import Content, Prompt, Resource
from tillhand_mcp.ports.shelf import Filled, Source
from tillhand_mcp.ports.toolbox import Caller


class Shelf:
    """Joins sources one after the other."""

    def __init__(self, sources: Sequence[Source], prompts: Sequence[Filled]) -> None:
        self._sources = sources
        self._prompts = {each.prompt.name: each for each in prompts}

    async def resources(self, caller: Caller, cursor: str | None) -> tuple[Sequence[Resource], str | None]:
        """A page, and where the next begins."""
        place, _, inner = (cursor or "0:").partition(":")
        at = int(place) if place.isdigit() else len(self._sources)
        if at >= len(self._sources):
            return (), None
        found, following = await self._sources[at].resources(caller, inner or None)
        if following is not None:
            return found, f"{at}:{following}"
        return found, f"{at + 1}:" if at + 1 < len(self._sources) else None

    async def read(self, caller: Caller, uri: str) -> Content | None:
        """What a resource holds."""
        scheme = uri.partition(":")[0]
        for source in self._sources:
            if source.scheme == scheme:
                return await source.read(caller, uri)
        return None

    def prompts(self, caller: Caller) -> Sequence[Prompt]:  # noqa: ARG002  # every caller sees all
        """All prompts, by name."""
        return [self._prompts[name].prompt for name in sorted(self._prompts)]

    def prompt(self, caller: Caller, name: str, arguments: Mapping[str, str]) -> str | None:  # noqa: ARG002  # as above
        """The text of a prompt. Raises `ValueError` for an argument that lacks."""
        filled = self._prompts.get(name)
        if filled is None:
            return None
        for each in filled.prompt.arguments:
            if each.required and not arguments.get(each.name):
                raise ValueError(f"{each.name} is needed")
        return filled.text(arguments)
