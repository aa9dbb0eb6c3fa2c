"""Which IP addresses count as public, and which others an operator can open."""

from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tillhand_common.public_addresses import PrivateHosts, address_of, is_public

NOT_PUBLIC = """
0.0.0.0 0.1.2.3 10.0.0.1 10.255.255.255 100.64.0.1 100.100.100.200 100.127.255.255 127.0.0.1 127.9.9.9 169.254.169.254
172.16.0.1 172.31.255.255 192.0.0.1 192.0.0.192 192.0.2.1 192.88.99.1 192.168.0.1 198.18.0.1 198.19.255.255 198.51.100.1
203.0.113.1 224.0.0.1 239.255.255.255 240.0.0.1 255.255.255.255 168.63.129.16
::
::1 ::127.0.0.1 fe80::1 fec0::1 fc00::1 fd00:ec2::254 ff02::1 100::1 2001::1 2001:0:1::1 2001:db8::1 2001:10::1 3fff::1
2002:7f00:1:: 2002:808:808:: 64:ff9b::7f00:1 64:ff9b::a9fe:a9fe 64:ff9b:1::808:808 5f00::1 4000::1
""".split()
NAT64 = IPv6Network("64:ff9b::/96")  # the library has it among the reserved ones; here it counts as what is in it

PUBLIC = (
    "8.8.8.8 100.63.255.255 100.128.0.1 172.32.0.1 192.169.0.1 1.1.1.1 2606:4700::1111 2a00::1 64:ff9b::808:808".split()
)


@pytest.mark.parametrize("text", NOT_PUBLIC)
def test_a_special_address_is_not_public(text: str) -> None:
    assert not is_public(ip_address(text))


@pytest.mark.parametrize("text", PUBLIC)
def test_a_host_on_the_internet_is_public(text: str) -> None:
    assert is_public(ip_address(text))


@given(st.ip_addresses(v=4) | st.ip_addresses(v=6) | st.ip_addresses(v=6, network="2000::/3"))
def test_nothing_is_public_that_the_standard_library_calls_special(address: IPv4Address | IPv6Address) -> None:
    assume(address not in NAT64)
    special = address.is_private or address.is_loopback or address.is_link_local or address.is_multicast
    if special or address.is_reserved or address.is_unspecified or not address.is_global:
        assert not is_public(address)


@given(st.ip_addresses(v=4))
def test_an_ipv4_address_is_judged_alike_in_every_disguise(address: IPv4Address) -> None:
    judged = is_public(address)
    assert address_of(f"::ffff:{address}") == address
    assert is_public(IPv6Address(int(IPv6Address("64:ff9b::")) | int(address))) == judged
    assert not is_public(IPv6Address(f"2002:{int(address) >> 16:x}:{int(address) & 0xFFFF:x}::1"))
    assert not is_public(IPv6Address(f"::{address}"))


@pytest.mark.parametrize(
    "text", ["fe80::1%eth0", "2606:4700::1%1", "0x7f.1", "127.1", "2130706433", "010.0.0.1", "name", ""]
)
def test_only_plain_addresses_are_read(text: str) -> None:
    assert address_of(text) is None


def admits(entries: list[str], host: str, address: str) -> bool:
    read = address_of(address)
    assert read is not None
    return PrivateHosts.of(entries).admit(host, read)


def test_nothing_private_is_open_unless_it_is_listed() -> None:
    assert admits([], "shop.example", "8.8.8.8")
    assert not admits([], "wiki.corp", "10.1.2.3")


def test_a_listed_name_is_open_wherever_it_leads_and_no_other_name() -> None:
    assert admits(["Wiki.corp."], "wiki.corp", "10.1.2.3")
    assert not admits(["wiki.corp"], "evil.wiki.corp", "10.1.2.3")


def test_a_listed_network_is_open_by_any_name_and_in_any_disguise() -> None:
    assert admits(["10.1.0.0/16"], "anything", "10.1.2.3")
    assert admits(["10.1.0.0/16"], "anything", "::ffff:10.1.2.3")
    assert not admits(["10.1.0.0/16"], "anything", "10.2.0.1")
    assert admits(["fc00::/7", "127.0.0.1"], "anything", "127.0.0.1")


@pytest.mark.parametrize("address", "169.254.169.254 fe80::1 224.0.0.1 0.0.0.0 fd00:ec2::254 168.63.129.16".split())
def test_no_list_opens_what_holds_the_credentials_of_machines(address: str) -> None:
    assert not admits(["metadata", "0.0.0.0/0", "::/0"], "metadata", address)


@pytest.mark.parametrize("entry", ["10.0.0.0/33", "http://wiki", "10.0.0.1:80", "*.corp", "10.1.2.3/8", "10.0.0", ""])
def test_an_entry_that_is_no_host_is_named_by_its_place(entry: str) -> None:
    with pytest.raises(ValueError, match="entry 2"):
        PrivateHosts.of(["wiki.corp", entry])
