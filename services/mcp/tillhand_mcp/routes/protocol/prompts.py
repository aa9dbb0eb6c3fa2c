"""Prompts: ways to begin, for people who use a client."""

from __future__ import annotations

from typing import Final

import mcp_types as wire

from tillhand_mcp.domain.tools import Prompt
from tillhand_mcp.ports.toolbox import Toolbox
from tillhand_mcp.routes.protocol.exchange import Context, Exchange
from tillhand_mcp.routes.protocol.faults import invalid
from tillhand_mcp.routes.protocol.paging import page

PAGE: Final = 100


class Prompts:
    """The handlers about prompts."""

    def __init__(self, toolbox: Toolbox) -> None:
        self._toolbox = toolbox

    async def list_prompts(self, ctx: Context, params: wire.PaginatedRequestParams | None) -> wire.ListPromptsResult:
        """Answer prompts/list."""
        prompts = sorted(await self._toolbox.prompts(Exchange.of(ctx).caller), key=lambda prompt: prompt.name)
        shown, cursor = page(prompts, params.cursor if params else None, PAGE, lambda prompt: prompt.name)
        return wire.ListPromptsResult(prompts=[_shown(prompt) for prompt in shown], next_cursor=cursor)

    async def get(self, ctx: Context, params: wire.GetPromptRequestParams) -> wire.GetPromptResult:
        """Answer prompts/get."""
        try:
            text = await self._toolbox.prompt(Exchange.of(ctx).caller, params.name, params.arguments or {})
        except ValueError as error:
            raise invalid(str(error)) from None
        if text is None:
            raise invalid("There is no such prompt.")
        message = wire.PromptMessage(role="user", content=wire.TextContent(text=text))
        return wire.GetPromptResult(messages=[message])


def _shown(prompt: Prompt) -> wire.Prompt:
    arguments = [
        wire.PromptArgument(name=each.name, description=each.description or None, required=each.required)
        for each in prompt.arguments
    ]
    return wire.Prompt(
        name=prompt.name, title=prompt.title, description=prompt.description, arguments=arguments or None
    )
