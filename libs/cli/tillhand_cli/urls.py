"""Addresses that a person names."""

from __future__ import annotations

import ipaddress
import re
from typing import Final
from urllib.parse import SplitResult, urlsplit

from tillhand_cli.errors import CommandError, ExitCode

_NUMBERS: Final = re.compile(r"[0-9.]+")


def is_url(text: str) -> bool:
    """Whether this is an address on the web, and not a path."""
    return text.lower().startswith(("http://", "https://"))


def parts_of(url: str) -> SplitResult:
    """The parts of an HTTP address. Raises CommandError naming what is wrong with it."""
    try:
        parts = urlsplit(url)
        _check(parts)
    except ValueError as error:
        raise CommandError(f"{_harmless(url)} is no address: {error}.", code=ExitCode.USAGE) from error
    return parts


def _check(parts: SplitResult) -> None:
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError("it must begin with http:// or https:// and name a host")
    if "@" in parts.netloc:
        raise ValueError("it must not hold credentials")
    if parts.port == 0:
        raise ValueError("there is no port 0")
    if not parts.geturl().isprintable() or re.search(r"\s", parts.netloc):
        raise ValueError("it holds control characters or spaces")
    if _NUMBERS.fullmatch(parts.hostname):
        ipaddress.ip_address(parts.hostname)
    parts.hostname.encode("idna")


def _harmless(url: str) -> str:
    """The address without what may be a password in it."""
    shown = re.sub(r"//[^/?#]*@", "//…@", url)
    return repr(shown)
