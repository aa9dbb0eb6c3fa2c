"""HTTP/1.1 as uvicorn speaks it, with the connection itself within reach of the application."""

from __future__ import annotations

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from tillhand_mcp.mock.misbehaving import TRANSPORT_EXTENSION


class MockProtocol(HttpToolsProtocol):
    """Hand the transport to the application, and drop the calls under way when the server ends."""

    def on_message_begin(self) -> None:
        """Offer the transport with each request."""
        super().on_message_begin()
        self.scope["extensions"] = {TRANSPORT_EXTENSION: {"transport": self.transport}}

    def shutdown(self) -> None:
        """Close; a call that waits for a fault to end would wait for ever."""
        cycle: RequestResponseCycle | None = self.cycle  # none before the first request, whatever uvicorn declares
        if cycle is not None and not cycle.response_complete:
            self.transport.abort()
        else:
            self.transport.close()
