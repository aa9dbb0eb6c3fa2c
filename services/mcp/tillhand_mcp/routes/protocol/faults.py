"""What goes wrong, in the protocol's own words: JSON-RPC errors, none of which repeats an unexpected error's text."""

from __future__ import annotations

from typing import Final

import structlog
from mcp.server.context import CallNext, HandlerResult
from mcp.shared.exceptions import MCPError
from mcp_types import INTERNAL_ERROR, INVALID_PARAMS, METHOD_NOT_FOUND, MISSING_REQUIRED_CLIENT_CAPABILITY
from mcp_types.version import MODERN_PROTOCOL_VERSIONS
from pydantic import ValidationError

from tillhand_common import context
from tillhand_common.problems import InternalError, Problem
from tillhand_mcp.errors import UnknownTool
from tillhand_mcp.routes.protocol.exchange import Context

RESOURCE_NOT_FOUND: Final = -32002
"""What revisions before 2026-07-28 answer for a resource that does not exist; later ones have INVALID_PARAMS."""

_log: Final = structlog.get_logger(__name__)


def is_modern(ctx: Context) -> bool:
    """Whether a message is of a revision without sessions."""
    return ctx.protocol_version in MODERN_PROTOCOL_VERSIONS


def invalid(message: str, **data: object) -> MCPError:
    """Return the error for parameters that cannot be taken."""
    return MCPError(INVALID_PARAMS, message, data or None)


def no_such_resource(ctx: Context, uri: str) -> MCPError:
    """Return the error for a resource that does not exist; the protocol wants its own URI named in it."""
    return MCPError(
        INVALID_PARAMS if is_modern(ctx) else RESOURCE_NOT_FOUND, "There is no such resource.", {"uri": uri}
    )


def no_such_method(method: str) -> MCPError:
    """Return the error for a method that a revision does not have."""
    return MCPError(METHOD_NOT_FOUND, "Method not found", method)


def missing_extension(identifier: str) -> MCPError:
    """Return the error for a method of an extension that the client has not declared."""
    return MCPError(
        MISSING_REQUIRED_CLIENT_CAPABILITY,
        f"Declare the extension {identifier} in the client's capabilities.",
        {"requiredCapabilities": {"extensions": {identifier: {}}}},
    )


async def boundary(ctx: Context, call_next: CallNext) -> HandlerResult:
    """Answer whatever a handler raises; nothing of an unexpected error leaves but the id of its request."""
    try:
        return await call_next(ctx)
    except (MCPError, ValidationError):
        raise
    except Problem as problem:
        code = INVALID_PARAMS if isinstance(problem, UnknownTool) else INTERNAL_ERROR
        raise MCPError(code, problem.detail, problem.document()) from None
    except Exception as error:  # noqa: BLE001  # the boundary of a message
        _log.error("unexpected_error", exc_info=error, request_id=context.request_id())
        defect = InternalError()
        raise MCPError(INTERNAL_ERROR, defect.detail, defect.document()) from None
