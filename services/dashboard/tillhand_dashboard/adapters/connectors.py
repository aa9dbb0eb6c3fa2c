"""The connectors over HTTP."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final

from tillhand_dashboard.adapters.gateway import Call, Gateway
from tillhand_dashboard.domain.accounts import Person
from tillhand_dashboard.domain.results import Failure, Result
from tillhand_dashboard.ports.connectors import ConnectorFigures, ConnectorView

CALL: Final = "mcp:call"
_ID: Final = re.compile(r"[a-z][a-z0-9_]{0,31}")
_UNKNOWN: Final = Failure("refused", "There is no such connector.", "", "unknown-connector", 404)


class HttpConnectors:
    """Asks services/mcp."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway

    async def all(self, person: Person) -> Result[Sequence[ConnectorView]]:
        """Every connector, from what is known already."""
        return await self._gateway.ask(person, CALL, ("GET", "/v1/connectors"), _connectors)

    async def tested(self, person: Person, connector: str) -> Result[ConnectorView]:
        """How one stands now: a call is made."""
        if _ID.fullmatch(connector) is None:
            return _UNKNOWN
        call: Call = ("GET", f"/v1/connectors/{connector}/health")
        return await self._gateway.ask(person, CALL, call, ConnectorView.model_validate)

    async def figures(self, person: Person, connector: str) -> Result[ConnectorFigures]:
        """What one has done since the service started."""
        if _ID.fullmatch(connector) is None:
            return _UNKNOWN
        call: Call = ("GET", f"/v1/connectors/{connector}/metrics")
        return await self._gateway.ask(person, CALL, call, ConnectorFigures.model_validate)


def _connectors(document: Any) -> Sequence[ConnectorView]:  # noqa: ANN401  # any JSON
    return [ConnectorView.model_validate(each) for each in document["items"]]
