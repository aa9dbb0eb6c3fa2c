"""Connections to hosts that strangers named: resolved here, once, and made to the very address that was checked.

The client asks this network for a connection to a host name. Between the check and the connection nothing resolves
the name again, so a name server that answers differently the second time (DNS rebinding) gains nothing. TLS, which
the client starts on the connection, still verifies the host by its name.
"""

import asyncio
import socket
from collections.abc import Awaitable, Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Final

import httpcore

from tillhand_common.egress_errors import AddressRefused, FetchTimedOut, HostUnreachable
from tillhand_common.public_addresses import Address, PrivateHosts, address_of

Resolve = Callable[[str], Awaitable[Sequence[str]]]
"""Host name to IP addresses, best first. OSError when the name is unknown."""

_MAX_ADDRESSES: Final = 4
_THREADS: Final = 4


class SystemResolver:
    """What the machine's resolver says, asked in threads of its own: a slow name server holds up nobody else's work."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="resolve")

    async def __call__(self, host: str) -> Sequence[str]:
        """Return the addresses of a name in the order to try them. OSError when there are none."""
        found = await asyncio.get_running_loop().run_in_executor(self._threads, _look_up, host)
        return list(dict.fromkeys(found))

    def close(self) -> None:
        """Let the threads go; look-ups that have not begun are dropped."""
        self._threads.shutdown(wait=False, cancel_futures=True)


class GuardedNetwork(httpcore.AsyncNetworkBackend):
    """Connects to public hosts, and to those that the operator lists as private; `network` makes the connections."""

    def __init__(
        self, private_hosts: PrivateHosts, resolve: Resolve, network: httpcore.AsyncNetworkBackend | None = None
    ) -> None:
        self._private_hosts = private_hosts
        self._resolve = resolve
        self._network = network or httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109  # the signature is the library's
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Connect to one of the host's addresses. Raises AddressRefused when any of them may not be asked."""
        addresses = (await self._checked(host, timeout))[:_MAX_ADDRESSES]
        share_s = None if timeout is None else timeout / len(addresses)
        failure: httpcore.ConnectError | httpcore.ConnectTimeout | None = None
        for address in addresses:
            try:
                return await self._network.connect_tcp(str(address), port, share_s, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        raise failure or HostUnreachable("the name has no address", host)

    async def _checked(self, host: str, timeout_s: float | None) -> list[Address]:
        literal = address_of(host)
        addresses = [literal] if literal else [address_of(text) for text in await self._resolved(host, timeout_s)]
        # One bad address condemns the name: whoever mixes them hopes that the check sees the other one.
        checked = [address for address in addresses if address and self._private_hosts.admit(host, address)]
        if len(checked) < len(addresses):
            raise AddressRefused("the host leads to a network that is not public", host)
        if not checked:
            raise HostUnreachable("the name has no address", host)
        return checked

    async def _resolved(self, host: str, timeout_s: float | None) -> Sequence[str]:
        try:
            async with asyncio.timeout(timeout_s):
                return await self._resolve(host)
        except TimeoutError:
            raise FetchTimedOut("the name was not resolved in time", host) from None
        except OSError:
            raise HostUnreachable("the name is unknown", host) from None


def _look_up(host: str) -> list[str]:
    return [str(entry[4][0]) for entry in socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)]
