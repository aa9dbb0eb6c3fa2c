"""`/ready` of each service over HTTP."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from pydantic import ValidationError

from tillhand_common.errors import UpstreamError, UpstreamProtocolError
from tillhand_common.http import Resilience, RetryPolicy, Timeouts, UpstreamClient
from tillhand_dashboard.adapters.gateway import NEVER, TITLES
from tillhand_dashboard.domain.results import Failure, Found, Result
from tillhand_dashboard.ports.services import ReadyView

_PATIENCE_S: Final = 2.0
_ANSWERS: Final = frozenset({503})


class HttpProbes:
    """Asks by address, without a key: what is public is enough."""

    def __init__(self, addresses: Mapping[str, str]) -> None:
        self._clients = {name: _client(name, address) if address else None for name, address in addresses.items()}

    @property
    def services(self) -> Sequence[str]:
        """Every service, in the order in which they are shown."""
        return list(self._clients)

    async def aclose(self) -> None:
        """Close all connections."""
        for client in self._clients.values():
            if client is not None:
                await client.aclose()

    async def ready(self, service: str) -> Result[ReadyView]:
        """How one stands."""
        client = self._clients[service]
        if client is None:
            return Failure("unset", "No address is set.", f"Set TILLHAND_{service.upper()}_URL.")
        try:
            document = (await client.request("GET", "/ready", accept=_ANSWERS)).json()
            # A problem document keeps the verdict under another name, since `status` is the HTTP status there.
            return Found(
                ReadyView.model_validate({**document, "status": document.get("readiness") or document["status"]})
            )
        except UpstreamProtocolError:
            return Failure("unreadable", "What answers there is not this service.", "Look at the address.")
        except UpstreamError:
            remedy = f"Start it: tillhand up --only {service}. Its log tells why it ended."
            return Failure("away", f"{TITLES[service]}: no answer.", remedy)
        except (ValidationError, KeyError, TypeError, AttributeError):
            return Failure("unreadable", "What answers there is not this service.", "Look at the address.")


def _client(name: str, address: str) -> UpstreamClient:
    # No breaker: a probe is what finds out whether a service is back.
    resilience = Resilience(name, failure_threshold=NEVER, retry=RetryPolicy(attempts=1))
    return UpstreamClient(name, address, timeouts=Timeouts(total_s=_PATIENCE_S), resilience=resilience)
