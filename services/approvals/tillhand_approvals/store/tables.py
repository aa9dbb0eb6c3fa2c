"""The tables as they are now; `migrations` tells how they came to be.

Every table has the tenant in its key, so that no statement can forget it. Bodies are JSON; what is asked for has
columns of its own. Times are UTC.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, MetaData, String, Table, Text

from tillhand_approvals.store.kinds import BODY, Moment

METADATA = MetaData()
NEWEST = "0001"
"""The migration that makes the tables what they are here."""


def _tenant() -> Column[str]:
    return Column("tenant", String(64), primary_key=True)


def _key(name: str, length: int = 200) -> Column[str]:
    return Column(name, String(length), primary_key=True)


HEADS = Table(
    "heads",
    METADATA,
    _tenant(),
    Column("sequence", BigInteger, nullable=False),
    Column("hash", String(64), nullable=False),
)
"""The last record of each tenant. Whoever appends locks this row."""

RECORDS = Table(
    "records",
    METADATA,
    _tenant(),
    Column("sequence", BigInteger, primary_key=True, autoincrement=False),
    Column("type", String(80), nullable=False),
    Column("subject", String(200)),
    Column("time", Moment, nullable=False),
    Column("line", Text, nullable=False),
    Index("records_by_subject", "tenant", "subject", "sequence"),
    Index("records_by_type", "tenant", "type", "sequence"),
)
"""The audit log, which is also the feed. `line` is the whole record in canonical JSON. Never changed, never deleted."""

CHECKPOINTS = Table(
    "checkpoints",
    METADATA,
    _tenant(),
    Column("sequence", BigInteger, primary_key=True, autoincrement=False),
    Column("body", BODY, nullable=False),
)
"""Signed heads of the audit log. Never changed, never deleted."""

PROPOSALS = Table(
    "proposals",
    METADATA,
    _tenant(),
    _key("id", 64),
    Column("revision", Integer, nullable=False),
    Column("state", String(20), nullable=False),
    Column("tool", String(200), nullable=False),
    Column("risk", String(10), nullable=False),
    Column("executor", String(200), nullable=False),
    Column("requester", String(200), nullable=False),
    Column("assignee", String(200)),
    Column("created_at", Moment, nullable=False),
    Column("updated_at", Moment, nullable=False),
    Column("due_at", Moment),
    Column("body", BODY, nullable=False),
    Index("proposals_by_state", "tenant", "state", "created_at", "id"),
    Index("proposals_by_time", "tenant", "created_at", "id"),
    Index("proposals_due", "due_at"),
)
"""Proposals in their redacted form. `due_at` is when time itself next changes one: expiry, escalation, a lost lease."""

VAULT_KEYS = Table(
    "vault_keys",
    METADATA,
    _tenant(),
    _key("subject"),
    Column("wrapped", LargeBinary),
    Column("master", String(64)),
    Column("created_at", Moment, nullable=False),
    Column("destroyed_at", Moment),
)
"""A wrapped data key for each subject; without `wrapped` it was destroyed, and with it all that it opened."""

VAULT = Table(
    "vault",
    METADATA,
    _tenant(),
    _key("record", 64),
    _key("field", 100),
    Column("subject", String(200), nullable=False),
    Column("ciphertext", LargeBinary, nullable=False),
    Index("vault_by_subject", "tenant", "subject"),
)
"""Arguments and messages as they came, encrypted."""

TOOLS = Table(
    "tools",
    METADATA,
    _tenant(),
    _key("name"),
    Column("executor", String(200), nullable=False),
    Column("body", BODY, nullable=False),
    Column("registered_at", Moment, nullable=False),
)
"""What executors can do."""

POLICIES = Table(
    "policies",
    METADATA,
    _tenant(),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("author", String(200), nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("body", BODY, nullable=False),
)
"""Every version of a tenant's policies; the highest is in force."""

SWITCHES = Table(
    "switches",
    METADATA,
    _tenant(),
    Column("stopped", Integer, nullable=False),
    Column("actor", String(200), nullable=False),
    Column("changed_at", Moment, nullable=False),
)
"""The kill switch of each tenant that ever used it."""

REPLAYS = Table(
    "replays",
    METADATA,
    _tenant(),
    _key("requester"),
    _key("idempotency_key"),
    Column("digest", String(64), nullable=False),
    Column("proposal", String(64), nullable=False),
)
"""Which proposal an idempotency key has made."""

ROLES = Table(
    "roles",
    METADATA,
    _tenant(),
    _key("role", 64),
    Column("members", BODY, nullable=False),
)
"""Who has which role, beside the roles that a signed actor brings along: ids of actors."""

DELEGATIONS = Table(
    "delegations",
    METADATA,
    _tenant(),
    _key("id", 64),
    Column("taker", String(200), nullable=False),
    Column("ends_at", Moment, nullable=False),
    Column("body", BODY, nullable=False),
    Index("delegations_by_taker", "tenant", "taker", "ends_at"),
)
"""Who may decide in whose place, and until when."""

CATALOGUES = Table(
    "catalogues",
    METADATA,
    _tenant(),
    Column("digest", String(64), nullable=False),
    Column("learned_at", Moment, nullable=False),
    Column("names", BODY, nullable=False),
)
"""What each shop sells, by name: no people."""

WEBHOOKS = Table(
    "webhooks",
    METADATA,
    _tenant(),
    _key("id", 64),
    Column("position", BigInteger, nullable=False),
    Column("enabled", Integer, nullable=False),
    Column("retry_at", Moment),
    Column("holder", String(64)),
    Column("held_until", Moment),
    Column("body", BODY, nullable=False),
    Column("progress", BODY, nullable=False),
)
"""Who is told of records as they come. `position` is the last record that was taken, or else stands in the outbox."""

OUTBOX = Table(
    "outbox",
    METADATA,
    _tenant(),
    _key("webhook", 64),
    Column("sequence", BigInteger, primary_key=True, autoincrement=False),
    Column("attempts", Integer, nullable=False),
    Column("due_at", Moment),
    Column("error", String(200), nullable=False),
    Index("outbox_due", "due_at"),
)
"""Records that a webhook refused at first; one that has no `due_at` any more is a dead letter."""
