"""Connectors: how each stands, and why."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path

from tillhand_common.problems import responses
from tillhand_mcp import errors
from tillhand_mcp.domain.origins import ConnectorState, Quota
from tillhand_mcp.models.tools import (
    ConnectorList,
    ConnectorMetricsOut,
    ConnectorOut,
    DurationsOut,
    MissingOut,
    QuotaOut,
    UpstreamOut,
)
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


@router.get("/{connector}/metrics", responses=responses(errors.UnknownConnector))
async def measure_connector(connector: ConnectorId, parts: Parts) -> ConnectorMetricsOut:
    """What one has done since the service started; Prometheus reads the same from /metrics."""
    found = parts.connectors.get(connector)
    if found is None:
        raise errors.UnknownConnector
    state, figures = await found.state(), parts.watcher.figures(connector)
    return ConnectorMetricsOut(
        id=connector,
        since=figures.since,
        calls=dict(figures.calls),
        durations=DurationsOut(calls=figures.durations, p50_s=figures.p50_s, p95_s=figures.p95_s),
        upstream=UpstreamOut(
            attempts=dict(figures.attempts),
            retries=figures.retries,
            breaker_transitions=dict(figures.breaker_transitions),
            pool_wait_s=figures.pool_wait_s,
        ),
        breaker=state.breaker,
        quota=_quota(state.quota),
        last_success_at=state.last_success_at,
    )


def _quota(quota: Quota | None) -> QuotaOut | None:
    return None if quota is None else QuotaOut.model_validate(quota)


def _out(connector: Connector, state: ConnectorState) -> ConnectorOut:
    return ConnectorOut(
        id=connector.id,
        title=connector.title,
        state=state.state,
        reason=state.reason,
        missing=[MissingOut(setting=each.setting, how=each.how) for each in state.missing],
        breaker=state.breaker,
        quota=_quota(state.quota),
        last_success_at=state.last_success_at,
        tools=sorted(each.name for each in connector.tools()),
    )
