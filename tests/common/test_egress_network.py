"""Which hosts the client for strangers' addresses connects to, and that it connects to what it checked."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.fakes.certificates import certified
from tests.fakes.internet import PUBLIC, FakeInternet, behind_tls
from tillhand_common.egress import Egress, EgressPolicy
from tillhand_common.egress_errors import AddressRefused, EgressError, FetchTimedOut, HostUnreachable, RedirectRefused
from tillhand_common.public_addresses import PrivateHosts
from tillhand_common.testing import FakeUpstream, Reply
from tillhand_common.web_address import WebAddress

METADATA = "169.254.169.254"


@pytest.fixture
async def internet(upstream: FakeUpstream) -> FakeInternet:
    internet = FakeInternet()
    internet.serve(upstream, "shop.example")
    return internet


@pytest.fixture
async def egress(internet: FakeInternet) -> AsyncIterator[Egress]:
    async with Egress(resolve=internet.resolve, network=internet) as egress:
        yield egress


async def read(egress: Egress, url: str) -> bytes:
    async with asyncio.timeout(10), egress.open(WebAddress.parse(url)) as answer:
        return await answer.read()


async def refuses(egress: Egress, url: str, kind: type[EgressError] = AddressRefused) -> EgressError:
    with pytest.raises(EgressError) as refused:
        await read(egress, url)
    assert type(refused.value) is kind, refused.value
    return refused.value


# --- private addresses ---


@pytest.mark.parametrize(
    "host",
    f"127.0.0.1 10.0.0.1 192.168.1.1 {METADATA} 100.64.0.1 0.0.0.0 224.0.0.1 [::1] [::] [fe80::1] [fd00::1]"
    " [::ffff:127.0.0.1] [::ffff:7f00:1] [::127.0.0.1] [2002:7f00:1::] [64:ff9b::7f00:1] [2001:0:808:808::1]".split(),
)
async def test_a_private_address_is_refused_as_it_stands(internet: FakeInternet, egress: Egress, host: str) -> None:
    await refuses(egress, f"http://{host}/")
    assert not internet.dialled


@pytest.mark.parametrize(
    "answers", [["10.1.2.3"], [PUBLIC, "10.1.2.3"], ["10.1.2.3", PUBLIC], [PUBLIC, "::1"], ["fe80::1%eth0"], ["junk"]]
)
async def test_a_name_with_any_private_address_is_refused(
    internet: FakeInternet, egress: Egress, answers: Sequence[str]
) -> None:
    internet.name("evil.example", answers)
    error = await refuses(egress, "http://evil.example/")
    assert not internet.dialled
    assert "10.1.2.3" not in str(error.document())


@pytest.mark.parametrize(
    "target", ["http://127.0.0.1/", f"http://{METADATA}/latest/meta-data/", "http://inside.example/"]
)
async def test_a_redirect_to_a_private_address_is_refused(
    internet: FakeInternet, egress: Egress, upstream: FakeUpstream, target: str
) -> None:
    internet.name("inside.example", ["192.168.0.7"])
    upstream.script(Reply(302, headers={"location": target}))
    await refuses(egress, "http://shop.example/")
    assert internet.dialled == [(PUBLIC, 80)]


async def test_a_name_that_changes_its_mind_after_the_check_gains_nothing(
    internet: FakeInternet, egress: Egress, upstream: FakeUpstream
) -> None:
    upstream.script(Reply(body=b"public", headers={"connection": "close"}))
    internet.name("evil.example", [PUBLIC], ["127.0.0.1"])
    assert await read(egress, "http://evil.example/") == b"public"
    assert internet.asked == ["evil.example"]
    assert internet.dialled == [(PUBLIC, 80)]
    await refuses(egress, "http://evil.example/")
    assert internet.dialled == [(PUBLIC, 80)]


async def test_the_machines_own_resolver_does_not_open_the_machine(upstream: FakeUpstream) -> None:
    port = int(upstream.base_url.rpartition(":")[2])
    async with Egress(EgressPolicy(ports=frozenset({port}))) as egress:
        for host in ("localhost", "localhost.", "127.0.0.1", "[::1]"):
            await refuses(egress, f"http://{host}:{port}/")
    assert not upstream.connections


# --- private hosts that the operator lists ---


@asynccontextmanager
async def with_private_hosts(internet: FakeInternet, *entries: str) -> AsyncIterator[Egress]:
    policy = EgressPolicy(private_hosts=PrivateHosts.of(entries))
    async with Egress(policy, resolve=internet.resolve, network=internet) as egress:
        yield egress


@pytest.mark.parametrize("entry", ["wiki.corp", "10.0.0.0/8", "10.1.2.3"])
async def test_a_listed_host_is_fetched(internet: FakeInternet, upstream: FakeUpstream, entry: str) -> None:
    internet.serve(upstream, "wiki.corp", address="10.1.2.3")
    internet.name("other.corp", ["10.1.2.3", "192.168.0.1"])
    async with with_private_hosts(internet, entry) as egress:
        await read(egress, "http://wiki.corp/")
        await refuses(egress, "http://other.corp/")
    assert internet.dialled == [("10.1.2.3", 80)]


async def test_a_listed_loopback_server_is_reached_for_real(upstream: FakeUpstream) -> None:
    port = int(upstream.base_url.rpartition(":")[2])
    policy = EgressPolicy(ports=frozenset({port}), private_hosts=PrivateHosts.of(["localhost", "127.0.0.0/8"]))
    async with Egress(policy) as egress:
        await read(egress, f"http://127.0.0.1:{port}/a")
        await read(egress, f"http://localhost:{port}/b")
    assert [request.target for request in upstream.requests] == ["/a", "/b"]


# --- connections ---


async def test_the_next_address_is_tried_when_one_is_dead(internet: FakeInternet, egress: Egress) -> None:
    internet.name("shop.example", ["2606:4700::1", "8.8.8.8", PUBLIC])
    await read(egress, "http://shop.example/")
    assert [address for address, _ in internet.dialled] == ["2606:4700::1", "8.8.8.8", PUBLIC]


@pytest.mark.parametrize("answers", [[], ["8.8.8.8"]], ids=["no address", "nobody there"])
async def test_a_host_that_is_not_there_is_told(internet: FakeInternet, egress: Egress, answers: Sequence[str]) -> None:
    internet.name("shop.example", answers)
    error = await refuses(egress, "http://shop.example/", HostUnreachable)
    assert error.transient


async def test_an_unknown_name_is_told(egress: Egress) -> None:
    assert "unknown" in (await refuses(egress, "http://nobody.example/", HostUnreachable)).detail


async def test_a_name_server_that_says_nothing_is_not_waited_for(internet: FakeInternet) -> None:
    async def silent(host: str) -> Sequence[str]:
        await asyncio.Event().wait()
        return []

    async with Egress(EgressPolicy(connect_s=0.05), resolve=silent, network=internet) as egress:
        await refuses(egress, "http://shop.example/", FetchTimedOut)


async def test_a_certificate_has_to_be_for_the_name_though_the_address_is_dialled(
    internet: FakeInternet, upstream: FakeUpstream, tmp_path: Path
) -> None:
    server, client = certified("shop.example", tmp_path)
    upstream.default = Reply(body=b"safe")
    async with (
        behind_tls(upstream, server) as base_url,
        Egress(resolve=internet.resolve, network=internet, tls=client) as egress,
    ):
        internet.serve(base_url, "shop.example", "other.example", address=PUBLIC)
        assert await read(egress, "https://shop.example/") == b"safe"
        error = await refuses(egress, "https://other.example/", HostUnreachable)
        assert "certificate" in error.detail
        upstream.script(Reply(301, headers={"location": "http://shop.example/"}))
        await refuses(egress, "https://shop.example/", RedirectRefused)
    assert internet.dialled == [(PUBLIC, 443)] * 2
