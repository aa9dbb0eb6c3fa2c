"""Failures in one form: what the client raises, and what a status means."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from tillhand_common.egress import WebAnswer
from tillhand_common.egress_errors import EgressError, UrlRefused
from tillhand_common.upstream_response import retry_after_s
from tillhand_common.web_address import WebAddress
from tillhand_rag.ports.fetching import FetchFailure, FetchProblem

_GONE = frozenset({404, 410})
_FORBIDDEN = frozenset({401, 402, 403, 407, 451})
_BUSY = frozenset({408, 425, 429})
_SERVER_ERROR = 500
_MAX_WAIT_S = 86_400.0
_UNREADABLE_ADDRESS = "(an address that cannot be read)"


def address_of(url: str) -> WebAddress:
    """Read an address. Raises `FetchProblem`."""
    with failing(_UNREADABLE_ADDRESS):
        return WebAddress.parse(url)


def shown(url: str) -> str:
    """An address as reports may hold it: without its query, and not at all when it cannot be read."""
    try:
        return WebAddress.parse(url).shown
    except UrlRefused:
        return _UNREADABLE_ADDRESS


@contextmanager
def failing(url: str) -> Iterator[None]:
    """Turn an error of the client into a `FetchProblem` of `url`."""
    try:
        yield
    except EgressError as error:
        failure = FetchFailure(url, error.slug, error.detail, transient=error.transient)
        raise FetchProblem(failure) from None


def refuse_status(url: str, answer: WebAnswer) -> None:
    """Raise `FetchProblem` for every status but 200 and 203."""
    status, host = answer.status, answer.url.host
    if status in {200, 203}:
        return
    if status in _GONE:
        raise FetchProblem(FetchFailure(url, "page-gone", f"{host}: there is no such page ({status})", gone=True))
    if status in _FORBIDDEN:
        raise FetchProblem(FetchFailure(url, "page-forbidden", f"{host}: the page is not for everybody ({status})"))
    if status in _BUSY or status >= _SERVER_ERROR:
        detail = f"{host}: the server cannot answer at present ({status})"
        wait_s = min(retry_after_s(answer.headers) or 0.0, _MAX_WAIT_S) or None
        raise FetchProblem(FetchFailure(url, "host-failing", detail, transient=True, retry_after_s=wait_s))
    raise FetchProblem(FetchFailure(url, "page-refused", f"{host}: answered with status {status}"))
