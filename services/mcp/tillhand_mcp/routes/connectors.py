"""Connectors: how each stands, and why."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path

from tillhand_common.problems import responses
from tillhand_mcp import errors
from tillhand_mcp.domain.origins import ConnectorState
from tillhand_mcp.models.tools import ConnectorList, ConnectorOut, MissingOut, QuotaOut
from tillhand_mcp.ports.connector import Connector
from tillhand_mcp.routes.dependencies import Calling, Parts

router = APIRouter(prefix="/v1/connectors", tags=["connectors"], dependencies=[Calling])

ConnectorId = Annotated[str, Path(pattern=r"^[a-z][a-z0-9_]{0,31}$")]


@router.get("")
async def list_connectors(parts: Parts) -> ConnectorList:
    """Every connector, from what is known already: no call is made."""
    return ConnectorList(items=[_out(each, await each.state()) for _, each in sorted(parts.connectors.items())])


@router.get("/{connector}/health", responses=responses(errors.UnknownConnector))
async def check_connector(connector: ConnectorId, parts: Parts) -> ConnectorOut:
    """How one stands now: the cheapest call that proves its credentials is made."""
    found = parts.connectors.get(connector)
    if found is None:
        raise errors.UnknownConnector
    return _out(found, await found.check())


def _out(connector: Connector, state: ConnectorState) -> ConnectorOut:
    quota = state.quota
    return ConnectorOut(
        id=connector.id,
        title=connector.title,
        state=state.state,
        reason=state.reason,
        missing=[MissingOut(setting=each.setting, how=each.how) for each in state.missing],
        breaker=state.breaker,
        quota=None if quota is None else QuotaOut.model_validate(quota),
        last_success_at=state.last_success_at,
        tools=sorted(each.name for each in connector.tools()),
    )
