"""Receivers of webhooks, over the client for addresses that people wrote."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from typing import Final

from tillhand_approvals.domain.webhooks import meaning
from tillhand_approvals.ports.webhooks import Attempt
from tillhand_common.egress import Egress, EgressPolicy, WebAnswer
from tillhand_common.egress_errors import EgressError, UrlRefused
from tillhand_common.public_addresses import PrivateHosts, address_of
from tillhand_common.web_address import WebAddress

TOTAL_S: Final = 15.0
_LONGEST_ERROR: Final = 200
_KIB: Final = 1024
_LONGEST_WAIT_S: Final = 86_400


class WebReceivers:
    """Sends messages; nothing of what is answered is kept but its status."""

    def __init__(self, ports: frozenset[int], private_hosts: PrivateHosts, egress: Egress | None = None) -> None:
        self._ports = ports
        self._private = private_hosts
        self._egress = egress or Egress(
            EgressPolicy(
                ports=ports,
                private_hosts=private_hosts,
                user_agent="Tillhand-Webhooks",
                max_bytes=64 * _KIB,
                total_s=TOTAL_S,
            )
        )

    async def aclose(self) -> None:
        """Close all connections."""
        await self._egress.aclose()

    def checked(self, url: str) -> tuple[str, str | None]:
        """The host of an address, and what is wrong with it as far as can be told without asking."""
        try:
            address = WebAddress.parse(url)
        except UrlRefused as refusal:
            return "", refusal.detail
        if address.port not in self._ports:
            return address.host, f"Port {address.port} is not among those that webhooks may lead to."
        number = address_of(address.host)
        if number is not None and not self._private.admit(address.host, number):
            return address.host, "The address is not public; TILLHAND_WEBHOOK_PRIVATE_HOSTS names those that may be."
        return address.host, None

    async def send(self, url: str, headers: Mapping[str, str], body: bytes) -> Attempt:
        """POST a message, once; what fails is an answer as well."""
        sent = {**headers, "content-type": "application/cloudevents+json"}
        try:
            async with self._egress.post(WebAddress.parse(url), body, sent) as answer:
                with contextlib.suppress(EgressError):  # its status has been said; read on to keep the connection
                    await answer.read()
                return _attempt(answer)
        except EgressError as problem:
            return Attempt("away", (problem.detail or problem.title)[:_LONGEST_ERROR])


def _attempt(answer: WebAnswer) -> Attempt:
    said = meaning(answer.status)
    error = "" if said == "taken" else f"answered with status {answer.status}"
    return Attempt(said, error, _seconds(answer.headers.get("retry-after", "")))


def _seconds(text: str) -> float | None:
    """The seconds that a receiver asks for; a date is not read, as the doubled wait is good enough then."""
    return float(min(int(text), _LONGEST_WAIT_S)) if text.isascii() and text.isdigit() and len(text) < 10 else None  # noqa: PLR2004  # more digits are no wait
