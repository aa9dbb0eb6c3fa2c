"""How fetching an address that a stranger wrote can fail.

EgressError 502 fetch-failed
├── UrlRefused 422 url-refused            not an address that may be asked for: its form, scheme, port or credentials
├── AddressRefused 422 address-refused    the host leads to a network that is not public
├── HostUnreachable 502 host-unreachable  an unknown name, no connection, a broken one, a certificate that does not fit
├── FetchTimedOut 504 fetch-timed-out     not done within the time allowed
├── RedirectRefused 502 redirect-refused  too often, to an insecure address, or to no address at all
├── AnswerOversized 502 answer-oversized  more bytes than allowed, as sent or unpacked
└── AnswerUnreadable 502 answer-unreadable  no HTTP, or packed in a way that was not asked for

The detail names the host at most: no path, query or credentials, and never the address that a name stands for.
"""

from typing import ClassVar

from tillhand_common.problems import Problem


class EgressError(Problem):
    """A fetch did not succeed. `transient` tells whether the same fetch may succeed later."""

    status, slug, title = 502, "fetch-failed", "An address could not be fetched"
    transient: ClassVar[bool] = False

    def __init__(self, reason: str, host: str = "") -> None:
        super().__init__(f"{host}: {reason}" if host else f"{reason[:1].upper()}{reason[1:]}")
        self.host = host


class UrlRefused(EgressError):
    """The address is not one that may be asked for, whoever answers there."""

    status, slug, title = 422, "url-refused", "The address cannot be fetched"


class AddressRefused(EgressError):
    """The host leads to this machine, to a private network, or to another that is not public."""

    status, slug, title = 422, "address-refused", "The host is not on the public internet"


class HostUnreachable(EgressError):
    """No usable connection came about, or it broke."""

    slug, title = "host-unreachable", "The host could not be reached"
    transient = True


class FetchTimedOut(EgressError):
    """The answer was not there, whole, in the time allowed."""

    status, slug, title = 504, "fetch-timed-out", "The host did not answer in time"
    transient = True


class RedirectRefused(EgressError):
    """The answer leads elsewhere, and nobody follows it there."""

    slug, title = "redirect-refused", "The redirect is not followed"


class AnswerOversized(EgressError):
    """The answer is larger than a document may be."""

    slug, title = "answer-oversized", "The answer is too large"


class AnswerUnreadable(EgressError):
    """What came is not HTTP, or is packed in a way that nobody asked for."""

    slug, title = "answer-unreadable", "The answer cannot be read"
