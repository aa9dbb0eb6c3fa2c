"""A mail server, over the standard library on a thread of its own."""

from __future__ import annotations

import asyncio
import smtplib
import ssl
from email.message import EmailMessage
from email.utils import formatdate
from typing import Final
from urllib.parse import unquote, urlsplit

from tillhand_common.errors import IndeterminateWrite, UpstreamRejected, UpstreamUnavailable

NAME: Final = "messages"
TIMEOUT_S: Final = 20.0
_PORTS: Final = {"smtp": 587, "smtps": 465}


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

        Raises `UpstreamUnavailable` where nothing was sent, `UpstreamRejected` where the server refuses the message,
        and `IndeterminateWrite` where its last word was lost.
        """
        message = EmailMessage()
        message["From"], message["To"], message["Subject"] = self._sender, to, subject
        message["Message-ID"], message["Date"] = f"<{key}@{self._sender.rpartition('@')[2]}>", formatdate()
        if in_reply_to is not None:
            message["In-Reply-To"] = message["References"] = in_reply_to
        message.set_content(body)
        await asyncio.to_thread(self._send, message)

    async def check(self) -> None:
        """Whether it lets us in. Raises `UpstreamUnavailable` or `UpstreamRejected`."""
        await asyncio.to_thread(lambda: self._opened().quit())

    def _send(self, message: EmailMessage) -> None:
        server = self._opened()
        try:
            server.send_message(message)
        except (smtplib.SMTPRecipientsRefused, smtplib.SMTPSenderRefused, smtplib.SMTPDataError) as error:
            raise UpstreamRejected(NAME, upstream_status=550) from error
        except (smtplib.SMTPException, OSError) as error:
            raise IndeterminateWrite(NAME) from error
        finally:
            server.close()

    def _opened(self) -> smtplib.SMTP:
        context = ssl.create_default_context()
        try:
            if self._tls:
                server: smtplib.SMTP = smtplib.SMTP_SSL(self._host, self._port, timeout=TIMEOUT_S, context=context)
            else:
                server = smtplib.SMTP(self._host, self._port, timeout=TIMEOUT_S)
                server.starttls(context=context)
            if self._user:
                server.login(self._user, self._password)
        except smtplib.SMTPAuthenticationError as error:
            raise UpstreamRejected(NAME, upstream_status=535) from error
        except (smtplib.SMTPException, OSError) as error:
            raise UpstreamUnavailable(NAME, "the mail server cannot be reached", sent=False) from error
        return server
