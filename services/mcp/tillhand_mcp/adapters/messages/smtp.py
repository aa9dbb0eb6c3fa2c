"""A mail server."""

from __future__ import annotations

from email.message import EmailMessage
from email.utils import formatdate
from typing import Final
from urllib.parse import unquote, urlsplit

import aiosmtplib

from tillhand_common.errors import IndeterminateWrite, UpstreamRejected, UpstreamUnavailable
from tillhand_mcp.errors import ToolRefused

NAME: Final = "messages"
TIMEOUT_S: Final = 20.0
_PORTS: Final = {"smtp": 587, "smtps": 465}
_REFUSED: Final = (
    aiosmtplib.SMTPRecipientsRefused,
    aiosmtplib.SMTPSenderRefused,
    aiosmtplib.SMTPDataError,
    aiosmtplib.SMTPNotSupported,
)


class MailServer:
    """Sends one message per connection: replies are few. The password never leaves this object."""

    def __init__(self, url: str, sender: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in _PORTS or not parts.hostname:
            raise ValueError("TILLHAND_SMTP_URL must begin with smtp:// or smtps:// and name a host.")
        self._tls = parts.scheme == "smtps"
        self._host, self._port = parts.hostname, parts.port or _PORTS[parts.scheme]
        self._user, self._password = unquote(parts.username or ""), unquote(parts.password or "")
        self._sender = sender

    async def send(self, key: str, to: str, subject: str, body: str, in_reply_to: str | None) -> None:
        """Send a message whose id follows from the key.

        Raises `UpstreamUnavailable` where nothing was sent, `ToolRefused` for what is no message, `UpstreamRejected`
        where the server refuses it, and `IndeterminateWrite` where its last word was lost.
        """
        try:
            message = self._message(key, to, subject, body, in_reply_to)
        except (ValueError, IndexError, TypeError, AttributeError) as error:  # the library stumbles over odd addresses
            raise ToolRefused(
                "to, subject or in_reply_to cannot stand at the head of a message. Nothing was sent.",
                extensions={"reason": "no-message"},
            ) from error
        server = await self._opened()
        try:
            await server.send_message(message)
        except _REFUSED as error:
            raise UpstreamRejected(NAME, upstream_status=550) from error
        except (aiosmtplib.SMTPException, OSError) as error:
            raise IndeterminateWrite(NAME) from error
        finally:
            server.close()

    def _message(self, key: str, to: str, subject: str, body: str, in_reply_to: str | None) -> EmailMessage:
        message = EmailMessage()
        message["From"], message["To"], message["Subject"] = self._sender, to, subject
        message["Message-ID"], message["Date"] = f"<{key}@{self._sender.rpartition('@')[2]}>", formatdate()
        if in_reply_to is not None:
            message["In-Reply-To"] = message["References"] = in_reply_to
        message.set_content(body)
        return message

    async def check(self) -> None:
        """Whether it lets us in. Raises `UpstreamUnavailable` or `UpstreamRejected`."""
        (await self._opened()).close()

    async def _opened(self) -> aiosmtplib.SMTP:
        server = aiosmtplib.SMTP(
            hostname=self._host,
            port=self._port,
            username=self._user or None,
            password=self._password or None,
            use_tls=self._tls,
            start_tls=None if self._tls else True,
            timeout=TIMEOUT_S,
        )
        try:
            await server.connect()
        except aiosmtplib.SMTPAuthenticationError as error:
            raise UpstreamRejected(NAME, upstream_status=535) from error
        except (aiosmtplib.SMTPException, OSError) as error:
            raise UpstreamUnavailable(NAME, "the mail server cannot be reached", sent=False) from error
        return server
