"""Which IP addresses are on the public internet, and which others an operator lets us ask.

The tables are the special-purpose registries of IANA (RFC 6890 and its updates) without their few exceptions: what is
not plainly somebody's host on the internet is refused. Of IPv6 only global unicast (2000::/3) is public, and the
well-known NAT64 prefix when it stands for a public IPv4 address; 6to4 and Teredo are refused as a whole.
"""

import ipaddress
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Self

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def _networks(listed: str) -> tuple[Network, ...]:
    return tuple(ipaddress.ip_network(network) for network in listed.split())


_SPECIAL: Final = _networks(
    # "this network", private, shared by carriers, loopback, link-local, private, protocol assignments, documentation,
    # 6to4 relays, private, benchmarks, documentation (2), multicast, reserved; and the wire server of one cloud
    "0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24 192.0.2.0/24"
    " 192.88.99.0/24 192.168.0.0/16 198.18.0.0/15 198.51.100.0/24 203.0.113.0/24 224.0.0.0/4 240.0.0.0/4"
    " 168.63.129.16/32"
    # protocol assignments with Teredo and ORCHID, documentation, 6to4, a sink for reverse look-ups, documentation
    " 2001::/23 2001:db8::/32 2002::/16 2620:4f:8000::/48 3fff::/20"
)
_GLOBAL_UNICAST: Final = ipaddress.IPv6Network("2000::/3")
_NAT64: Final = ipaddress.IPv6Network("64:ff9b::/96")
# Not even an operator opens these: nobody's documents are there, but the credentials of cloud machines are.
_NEVER: Final = _networks(
    "0.0.0.0/8 169.254.0.0/16 168.63.129.16/32 224.0.0.0/4 255.255.255.255/32"
    " ::/128 fe80::/10 ff00::/8 fd00:ec2::254/128"
)
_NAME: Final = re.compile(r"[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})*")


def address_of(text: str) -> Address | None:
    """Read an address, an IPv4 one in IPv6 clothes as what it is; None for anything else, zones included."""
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    if isinstance(address, ipaddress.IPv4Address):
        return address
    return None if address.scope_id else address.ipv4_mapped or address


def is_public(address: Address) -> bool:
    """Tell whether an address is that of some host on the public internet."""
    if isinstance(address, ipaddress.IPv6Address):
        if address in _NAT64:
            return is_public(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF))
        if address not in _GLOBAL_UNICAST:
            return False
    return not _is_in(address, _SPECIAL)


@dataclass(frozen=True, slots=True)
class PrivateHosts:
    """The hosts that may be asked although their addresses are not public: by name, or by network."""

    names: frozenset[str] = frozenset()
    networks: tuple[Network, ...] = ()

    @classmethod
    def of(cls, entries: Iterable[str]) -> Self:
        """Read host names, addresses and CIDR networks. ValueError says which entry is none of these."""
        names: set[str] = set()
        networks: list[Network] = []
        for number, entry in enumerate(entries, 1):
            text = entry.strip().lower().removesuffix(".")
            try:
                networks.append(ipaddress.ip_network(text))
            except ValueError:
                if not _NAME.fullmatch(text) or text.rpartition(".")[2].isdigit():
                    raise ValueError(
                        f"entry {number} is neither a host name nor a network such as 10.0.0.0/8"
                    ) from None
                names.add(text)
        return cls(frozenset(names), tuple(networks))

    def admit(self, host: str, address: Address) -> bool:
        """Tell whether `address`, reached as `host`, may be asked. Link-local and multicast addresses never are."""
        if _is_in(address, _NEVER):
            return False
        return is_public(address) or host in self.names or _is_in(address, self.networks)


def _is_in(address: Address, networks: Iterable[Network]) -> bool:
    return any(address in network for network in networks)
