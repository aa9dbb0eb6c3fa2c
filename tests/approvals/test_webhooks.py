"""Webhooks tell a receiver every record, in order, whatever the receiver does meanwhile."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tillhand_approvals.adapters.receivers import WebReceivers
from tillhand_approvals.adapters.vault_crypto import load_cipher
from tillhand_approvals.domain.actors import Actor
from tillhand_approvals.domain.webhooks import REFUSED_AGAIN_S, Webhook
from tillhand_approvals.errors import LetterNotFound, TooManyWebhooks
from tillhand_approvals.ports.ledger import Entry
from tillhand_approvals.ports.observer import Unobserved
from tillhand_approvals.ports.records import Search
from tillhand_approvals.service.callers import Caller
from tillhand_approvals.service.delivering import Delivering
from tillhand_approvals.service.notifying import MOST, Notifying, Wanted
from tillhand_approvals.service.vault import Vault
from tillhand_approvals.store.database import Database
from tillhand_approvals.store.deliveries import DatabaseDeliveries
from tillhand_approvals.store.ledger import DatabaseLedger
from tillhand_common.public_addresses import PrivateHosts
from tillhand_common.testing import FakeClock, FakeUpstream, Reply

ANN = Caller("shop", Actor("key:ann", "person"))


@dataclass
class Post:
    """A shop's webhooks, a receiver on a socket, and a clock."""

    notifying: Notifying
    ledger: DatabaseLedger
    deliveries: DatabaseDeliveries
    receiver: FakeUpstream
    clock: FakeClock
    replicas: tuple[Delivering, Delivering]

    async def write(self, *types: str) -> None:
        for type_ in types:
            async with self.ledger.writing("shop") as unit:
                await unit.append(Entry(type_, {"note": "counted"}))

    async def made(self, *types: str) -> tuple[Webhook, str]:
        return await self.notifying.create(ANN, f"{self.receiver.base_url}/hook?key=hidden", types)

    async def deliver(self, replica: int = 0) -> None:
        for webhook in await self.deliveries.pending(self.clock.now()):
            await self.replicas[replica].deliver(webhook)

    async def later(self, seconds: float) -> None:
        await self.clock.advance(seconds)
        await self.deliver()

    @property
    def told(self) -> list[int]:
        return [json.loads(request.body)["data"]["sequence"] for request in self.receiver.requests]

    async def only(self) -> Webhook:
        (webhook,) = await self.notifying.webhooks(ANN)
        return webhook


@pytest.fixture
async def post(database: Database, tmp_path: Path) -> AsyncIterator[Post]:
    clock = FakeClock()
    ledger, deliveries = DatabaseLedger(database, clock), DatabaseDeliveries(database)
    vault = Vault(load_cipher(tmp_path / "vault.keys"))
    async with FakeUpstream.start() as receiver:
        port = int(receiver.base_url.rpartition(":")[2])
        receivers = WebReceivers(frozenset({port}), PrivateHosts.of(["127.0.0.1"]))

        def replica() -> Delivering:
            return Delivering(
                ledger=ledger,
                records=ledger,
                deliveries=deliveries,
                receivers=receivers,
                vault=vault,
                clock=clock,
                observer=Unobserved(),
            )

        notifying = Notifying(ledger=ledger, clock=clock, vault=vault, receivers=receivers)
        yield Post(notifying, ledger, deliveries, receiver, clock, (replica(), replica()))
        await receivers.aclose()


def signature(secret: str, headers: dict[str, str], body: bytes) -> str:
    """The signature by the standard's own words."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    content = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(key, content, hashlib.sha256).digest()).decode()


async def test_every_later_record_arrives_once_in_order_and_signed(post: Post) -> None:
    await post.write("note.added")
    made, secret = await post.made()
    await post.write(*["note.added"] * 120)
    await post.deliver()
    await post.deliver()
    assert post.told == list(range(made.position + 1, made.position + 121))
    for request in post.receiver.requests:
        headers = dict(request.headers)
        assert headers["webhook-signature"] == signature(secret, headers, request.body)
        assert headers["webhook-id"] == json.loads(request.body)["id"]
    assert post.receiver.connections == 1


async def test_only_the_wanted_types_are_sent(post: Post) -> None:
    await post.made("proposal.*", "decision.made")
    await post.write("proposal.created", "note.added", "decision.undone", "decision.made", "proposal.expired")
    await post.deliver()
    types = [json.loads(request.body)["type"] for request in post.receiver.requests]
    assert types == ["tillhand.proposal.created", "tillhand.decision.made", "tillhand.proposal.expired"]


@pytest.mark.parametrize(
    "away", [Reply(503), Reply(429), Reply(failure="reset"), Reply(500)], ids=["503", "429", "reset", "500"]
)
async def test_a_receiver_that_is_away_misses_nothing_and_gets_it_in_order(post: Post, away: Reply) -> None:
    made, _ = await post.made()
    await post.write("note.added", "note.added", "note.added")
    post.receiver.script(away, away)
    await post.deliver()
    await post.deliver()  # nothing: its time has not come
    assert post.told == [made.position + 1]
    await post.later(1)
    await post.later(1)  # twice away: it is asked again after two seconds
    assert post.told == [made.position + 1] * 2
    assert (await post.only()).failures == 2
    await post.later(1)
    assert post.told[2:] == [made.position + 1, made.position + 2, made.position + 3]
    assert (await post.only()).failures == 0


async def test_the_receiver_says_how_long_it_is_away(post: Post) -> None:
    await post.made()
    await post.write("note.added")
    post.receiver.script(Reply(429, headers={"retry-after": "40"}))
    await post.deliver()
    await post.later(39)
    assert len(post.told) == 1
    await post.later(1)
    assert len(post.told) == 2


async def test_what_is_refused_stops_nothing_else_and_is_dead_in_the_end(post: Post) -> None:
    made, _ = await post.made()
    await post.write("note.added", "note.added")
    post.receiver.script(Reply(400))
    await post.deliver()
    assert post.told == [made.position + 1, made.position + 2]
    for wait in REFUSED_AGAIN_S:
        assert (await post.notifying.dead_letters(ANN, made.id, 0, 10))[0] == []
        post.receiver.script(Reply(400))
        await post.later(wait)
    letters, _ = await post.notifying.dead_letters(ANN, made.id, 0, 10)
    assert [(letter.sequence, letter.attempts) for letter in letters] == [(made.position + 1, 5)]
    assert letters[0].error == "answered with status 400"
    await post.later(86_400)
    assert post.told.count(made.position + 1) == 5


async def test_dead_letters_are_delivered_again_when_a_person_asks(post: Post) -> None:
    made, _ = await post.made("note.added")
    await post.write("note.added")
    first = made.position + 1
    post.receiver.script(*[Reply(404)] * 5)
    await post.deliver()
    for wait in REFUSED_AGAIN_S:
        await post.later(wait)
    with pytest.raises(LetterNotFound):
        await post.notifying.redeliver(ANN, made.id, [first, 999])
    assert await post.notifying.redeliver(ANN, made.id, [first]) == [first]
    await post.deliver()
    assert post.told == [first] * 6
    assert (await post.notifying.dead_letters(ANN, made.id, 0, 10))[0] == []


@pytest.mark.parametrize("status", [410, 503])
async def test_a_receiver_that_is_gone_is_disabled_on_record_and_goes_on_where_it_stopped(
    post: Post, status: int
) -> None:
    made, _ = await post.made("note.added")
    await post.write("note.added")
    post.receiver.default = Reply(status)
    await post.deliver()
    if status == 503:
        await post.later(3 * 86_400 + 1)
    assert not (await post.only()).enabled
    (row,) = await post.ledger.page("shop", Search(types=["webhook.disabled"]))
    assert json.loads(row.line)["data"]["host"] == "127.0.0.1"
    post.receiver.default = Reply()
    await post.write("note.added")
    await post.deliver()
    before = len(post.told)
    await post.notifying.change(ANN, made.id, Wanted(enabled=True))
    await post.deliver()
    assert post.told[before:] == [made.position + 1, made.position + 3]


async def test_one_replica_at_a_time_delivers(post: Post) -> None:
    made, _ = await post.made()
    await post.write("note.added")
    (pending,) = await post.deliveries.pending(post.clock.now())
    now = post.clock.now()
    assert await post.deliveries.hold(pending, "another", now, now.replace(year=now.year + 1)) is not None
    await post.replicas[1].deliver(pending)
    assert post.told == []
    assert await post.deliveries.keep(pending, "another", None, (), ())
    await post.replicas[1].deliver(pending)
    assert post.told == [made.position + 1]


async def test_after_a_change_of_secret_both_sign_for_a_day(post: Post) -> None:
    made, before = await post.made()
    after = await post.notifying.rotate(ANN, made.id)
    await post.deliver()
    request = post.receiver.requests[-1]
    both = [signature(secret, dict(request.headers), request.body) for secret in (after, before)]
    assert request.headers["webhook-signature"].split(" ") == both
    await post.clock.advance(86_401)
    await post.write("note.added")
    await post.deliver()
    request = post.receiver.requests[-1]
    assert request.headers["webhook-signature"] == signature(after, dict(request.headers), request.body)


async def test_the_address_is_kept_encrypted_alone(post: Post, database: Database) -> None:
    await post.made()
    async with database.reading() as connection:
        for table in ("webhooks", "records", "vault"):
            rows = (await connection.exec_driver_sql(f"SELECT * FROM {table}")).all()  # noqa: S608  # ours
            assert "hidden" not in repr(rows), table


async def test_a_deleted_webhook_is_told_nothing_more(post: Post) -> None:
    made, _ = await post.made()
    await post.write("note.added")
    (pending,) = await post.deliveries.pending(post.clock.now())
    await post.notifying.delete(ANN, made.id)
    await post.replicas[0].deliver(pending)
    assert post.told == []


async def test_a_tenant_has_a_limited_number_of_webhooks(post: Post) -> None:
    for _ in range(MOST):
        await post.made()
    with pytest.raises(TooManyWebhooks):
        await post.made()
