"""Resources, their templates, and the completion of a template's variable."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import mcp_types as wire

from tillhand_mcp.domain.tools import Resource, ResourceTemplate
from tillhand_mcp.ports.toolbox import Toolbox
from tillhand_mcp.routes.protocol.exchange import Context, Exchange
from tillhand_mcp.routes.protocol.faults import invalid, no_such_resource

SUGGESTIONS: Final = 100
"""The most values that a completion may have."""


class Documents:
    """The handlers about resources. Templates have one variable each."""

    def __init__(self, toolbox: Toolbox, templates: Sequence[ResourceTemplate] = ()) -> None:
        self._toolbox = toolbox
        self._templates = templates

    async def list_resources(
        self, ctx: Context, params: wire.PaginatedRequestParams | None
    ) -> wire.ListResourcesResult:
        """Answer resources/list."""
        try:
            shown, cursor = await self._toolbox.resources(Exchange.of(ctx).caller, params.cursor if params else None)
        except ValueError:
            raise invalid("The cursor is not one of ours: begin without it.") from None
        return wire.ListResourcesResult(resources=[_shown(resource) for resource in shown], next_cursor=cursor)

    async def list_templates(
        self, _ctx: Context, _params: wire.PaginatedRequestParams | None
    ) -> wire.ListResourceTemplatesResult:
        """Answer resources/templates/list."""
        shown = [
            wire.ResourceTemplate(
                uri_template=template.uri_template,
                name=template.name,
                title=template.title or None,
                description=template.description or None,
                mime_type=template.mime_type,
            )
            for template in self._templates
        ]
        return wire.ListResourceTemplatesResult(resource_templates=shown)

    async def read(self, ctx: Context, params: wire.ReadResourceRequestParams) -> wire.ReadResourceResult:
        """Answer resources/read."""
        content = await self._toolbox.read(Exchange.of(ctx).caller, params.uri)
        if content is None:
            raise no_such_resource(ctx, params.uri)
        held = wire.TextResourceContents(uri=content.uri, mime_type=content.mime_type, text=content.text)
        return wire.ReadResourceResult(contents=[held])

    async def complete(self, ctx: Context, params: wire.CompleteRequestParams) -> wire.CompleteResult:
        """Answer completion/complete: from the first page of resources for a template, nothing for a prompt."""
        ref = params.ref
        if not isinstance(ref, wire.ResourceTemplateReference):
            return _suggested([], whole=True)
        if all(template.uri_template != ref.uri for template in self._templates):
            raise invalid("There is no such template.")
        before, _, rest = ref.uri.partition("{")
        after = rest.partition("}")[2]
        resources, more = await self._toolbox.resources(Exchange.of(ctx).caller, None)
        values = [
            resource.uri[len(before) : len(resource.uri) - len(after)]
            for resource in resources
            if resource.uri.startswith(before + params.argument.value) and resource.uri.endswith(after)
        ]
        return _suggested(values, whole=more is None)


def _suggested(values: Sequence[str], *, whole: bool) -> wire.CompleteResult:
    shown = list(values[:SUGGESTIONS])
    total = len(values) if whole else None
    more = not whole or len(values) > len(shown)
    return wire.CompleteResult(completion=wire.Completion(values=shown, total=total, has_more=more))


def _shown(resource: Resource) -> wire.Resource:
    return wire.Resource(
        uri=resource.uri,
        name=resource.name,
        title=resource.title or None,
        description=resource.description or None,
        mime_type=resource.mime_type,
        size=resource.size,
    )
