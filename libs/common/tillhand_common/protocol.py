"""HTTP/1.1 as uvicorn speaks it, with two changes that an application cannot make from the inside."""

from typing import Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from tillhand_common.problems import BadRequest

ABORT_EXTENSION: Final = "tillhand.abort"


class HttpProtocol(HttpToolsProtocol):
    """Refuse unreadable requests with a problem document, and let a response give up on a client that stopped reading.

    `scope["extensions"]["tillhand.abort"]["abort"]` is a callable that drops the connection together with what is still
    buffered for it; closing normally would wait for the client to read it.
    """

    def on_message_begin(self) -> None:
        """Offer the abort extension with each request."""
        super().on_message_begin()
        self.scope["extensions"] = {ABORT_EXTENSION: {"abort": self.transport.abort}}

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002  # the parser's text is not ours to publish
        """Answer what is not HTTP."""
        headers, body = BadRequest("This is not a valid HTTP request.").encode()
        lines = [b"HTTP/1.1 400 Bad Request", *(name + b": " + value for name, value in headers), b"connection: close"]
        self.transport.write(b"\r\n".join([*lines, b"", body]))
        self.transport.close()
