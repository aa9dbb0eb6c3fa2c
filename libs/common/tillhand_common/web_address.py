"""Addresses on the web that strangers wrote: read strictly and once, so that what is checked is what is fetched.

Where parsers disagree about an address it is refused: a number that some read as an IPv4 address (`0x7f.1`,
`2130706433`), a zone, a backslash, credentials before the host. Dots in the path are resolved here, so that robots.txt
judges the very path that the server sees.
"""

import re
from dataclasses import dataclass
from typing import Final, Literal, Self, cast
from urllib.parse import SplitResult, quote, urljoin, urlsplit

from tillhand_common.egress_errors import UrlRefused
from tillhand_common.public_addresses import address_of

Scheme = Literal["http", "https"]

MAX_LENGTH: Final = 4096
_DEFAULT_PORTS: Final = {"http": 80, "https": 443}
_UNSAFE: Final = re.compile(r"[\x00-\x20\x7f-\x9f\\\ud800-\udfff]")
_BREAKS: Final = re.compile(r"[\t\r\n]")
_STRAY_PERCENT: Final = re.compile(r"%(?![0-9A-Fa-f]{2})")
_PATH_SAFE: Final = "/%:@!$&'()*+,;=~-._"
_QUERY_SAFE: Final = f"{_PATH_SAFE}?[]"
_NAME: Final = re.compile(r"(?=.{1,253}$)[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})*")
_NUMBER: Final = re.compile(r"(?:[0-9]+|0x[0-9a-f]*)")
_AMBIGUOUS: Final = frozenset("ßς\u200c\u200d")  # the two IDNA standards read these as different names


@dataclass(frozen=True, slots=True)
class WebAddress:
    """An http or https address in one spelling: ASCII, host in lower case, no fragment, no credentials.

    `host` is a name or an IP address without brackets, `target` is path and query as they go out.
    """

    scheme: Scheme
    host: str
    port: int
    target: str

    @classmethod
    def parse(cls, url: str) -> Self:
        """Read an absolute address. Raises UrlRefused, which never repeats it."""
        url = url.strip()
        if len(url) > MAX_LENGTH:
            raise UrlRefused(f"the address is longer than {MAX_LENGTH:,} characters")
        if _UNSAFE.search(url):
            raise UrlRefused("the address holds spaces, backslashes or control characters")
        try:
            parts = urlsplit(url)
            host, port = parts.hostname, parts.port
        except ValueError:
            raise UrlRefused("the address cannot be read") from None
        if parts.scheme not in _DEFAULT_PORTS:
            raise UrlRefused("the address must begin with http:// or https://")
        if "@" in parts.netloc:
            raise UrlRefused("the address must not hold credentials")
        if not host or port == 0:
            raise UrlRefused("the address names no host, or a port that does not exist")
        scheme = cast("Scheme", parts.scheme)
        return cls(scheme, _host(host, parts.netloc), port or _DEFAULT_PORTS[scheme], _target(parts))

    def join(self, reference: str) -> Self:
        """Read an address that a page or a redirect of this address names, relative or not. Raises UrlRefused."""
        cleaned = _BREAKS.sub("", reference.strip()).replace(" ", "%20")
        if _UNSAFE.search(cleaned):
            raise UrlRefused("the address holds backslashes or control characters")
        if cleaned[:8].lower().startswith(("http://", "https://")):
            return self.parse(cleaned)  # half the time, and lists of addresses are long
        try:
            return self.parse(urljoin(str(self), cleaned))
        except ValueError:
            raise UrlRefused("the address cannot be read") from None

    @property
    def netloc(self) -> str:
        """Host and port as the `Host` header holds them."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _DEFAULT_PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def origin(self) -> str:
        """Scheme, host and port: what robots.txt and same-origin rules are about."""
        return f"{self.scheme}://{self.netloc}"

    @property
    def path(self) -> str:
        """The path, without the query."""
        return self.target.partition("?")[0]

    @property
    def shown(self) -> str:
        """The address for logs and reports: without the query, where tokens are."""
        return f"{self.origin}{self.path}"

    def is_same_site(self, other: "WebAddress") -> bool:
        """Tell whether both are of one site: the same host, but for `www.`, at the same or at the usual ports."""
        same_port = self.port == other.port or {self.port, other.port} == {80, 443}
        return same_port and self.host.removeprefix("www.") == other.host.removeprefix("www.")

    def __str__(self) -> str:
        return f"{self.origin}{self.target}"


def _host(host: str, netloc: str) -> str:
    if "[" in netloc:
        return _address(host)
    if not host.isascii():
        host = _punycode(host)
    name = host.removesuffix(".").lower()
    if not _NAME.fullmatch(name):
        raise UrlRefused("the host is neither a name nor an IP address")
    if _NUMBER.fullmatch(name.rpartition(".")[2]):
        return _address(name)
    return name


def _address(text: str) -> str:
    address = address_of(text)
    if address is None:
        raise UrlRefused("the host is a number, but not an IP address in its usual form and without a zone")
    return str(address)


def _punycode(host: str) -> str:
    try:
        ascii_form = host.encode("idna").decode("ascii")
    except UnicodeError:
        ascii_form = ""
    if not ascii_form or _AMBIGUOUS.intersection(host):
        raise UrlRefused("the host name has to be written in its ASCII form")
    return ascii_form


def _target(parts: SplitResult) -> str:
    path = _quoted(_without_dots(parts.path or "/"), _PATH_SAFE)
    return f"{path}?{_quoted(parts.query, _QUERY_SAFE)}" if parts.query else path


def _quoted(text: str, safe: str) -> str:
    return quote(_STRAY_PERCENT.sub("%25", text), safe=safe)


def _without_dots(path: str) -> str:
    """Resolve `.` and `..`, percent-encoded ones too (RFC 3986, 5.2.4)."""
    kept: list[str] = []
    segments = path.split("/")[1:]
    for position, segment in enumerate(segments):
        dots = segment.lower().replace("%2e", ".")
        if dots not in {".", ".."}:
            kept.append(segment)
            continue
        if dots == "..":
            del kept[-1:]
        if position == len(segments) - 1:
            kept.append("")
    return "/" + "/".join(kept)
