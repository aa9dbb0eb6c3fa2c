"""The first tables, as they were when the service was first released; later migrations change them."""

from alembic import op
from sqlalchemy import BigInteger, Column, Integer, LargeBinary, PrimaryKeyConstraint, String, Text

from tillhand_approvals.store.guards import guard
from tillhand_approvals.store.kinds import BODY, Moment

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Create them all, and have the database refuse changes to what is append-only."""
    op.create_table(
        "catalogues",
        Column("tenant", String(length=64), nullable=False),
        Column("digest", String(length=64), nullable=False),
        Column("learned_at", Moment(), nullable=False),
        Column("names", BODY, nullable=False),
        PrimaryKeyConstraint("tenant"),
    )
    op.create_table(
        "checkpoints",
        Column("tenant", String(length=64), nullable=False),
        Column("sequence", BigInteger(), autoincrement=False, nullable=False),
        Column("body", BODY, nullable=False),
        PrimaryKeyConstraint("tenant", "sequence"),
    )
    op.create_table(
        "delegations",
        Column("tenant", String(length=64), nullable=False),
        Column("id", String(length=64), nullable=False),
        Column("taker", String(length=200), nullable=False),
        Column("ends_at", Moment(), nullable=False),
        Column("body", BODY, nullable=False),
        PrimaryKeyConstraint("tenant", "id"),
    )
    op.create_index("delegations_by_taker", "delegations", ["tenant", "taker", "ends_at"], unique=False)
    op.create_table(
        "heads",
        Column("tenant", String(length=64), nullable=False),
        Column("sequence", BigInteger(), nullable=False),
        Column("hash", String(length=64), nullable=False),
        PrimaryKeyConstraint("tenant"),
    )
    op.create_table(
        "outbox",
        Column("tenant", String(length=64), nullable=False),
        Column("webhook", String(length=64), nullable=False),
        Column("sequence", BigInteger(), autoincrement=False, nullable=False),
        Column("attempts", Integer(), nullable=False),
        Column("due_at", Moment(), nullable=True),
        Column("error", String(length=200), nullable=False),
        PrimaryKeyConstraint("tenant", "webhook", "sequence"),
    )
    op.create_index("outbox_due", "outbox", ["due_at"], unique=False)
    op.create_table(
        "policies",
        Column("tenant", String(length=64), nullable=False),
        Column("version", Integer(), autoincrement=False, nullable=False),
        Column("author", String(length=200), nullable=False),
        Column("created_at", Moment(), nullable=False),
        Column("body", BODY, nullable=False),
        PrimaryKeyConstraint("tenant", "version"),
    )
    op.create_table(
        "proposals",
        Column("tenant", String(length=64), nullable=False),
        Column("id", String(length=64), nullable=False),
        Column("revision", Integer(), nullable=False),
        Column("state", String(length=20), nullable=False),
        Column("tool", String(length=200), nullable=False),
        Column("risk", String(length=10), nullable=False),
        Column("executor", String(length=200), nullable=False),
        Column("requester", String(length=200), nullable=False),
        Column("assignee", String(length=200), nullable=True),
        Column("created_at", Moment(), nullable=False),
        Column("updated_at", Moment(), nullable=False),
        Column("due_at", Moment(), nullable=True),
        Column("body", BODY, nullable=False),
        PrimaryKeyConstraint("tenant", "id"),
    )
    op.create_index("proposals_by_state", "proposals", ["tenant", "state", "created_at", "id"], unique=False)
    op.create_index("proposals_by_time", "proposals", ["tenant", "created_at", "id"], unique=False)
    op.create_index("proposals_due", "proposals", ["due_at"], unique=False)
    op.create_table(
        "records",
        Column("tenant", String(length=64), nullable=False),
        Column("sequence", BigInteger(), autoincrement=False, nullable=False),
        Column("type", String(length=80), nullable=False),
        Column("subject", String(length=200), nullable=True),
        Column("time", Moment(), nullable=False),
        Column("line", Text(), nullable=False),
        PrimaryKeyConstraint("tenant", "sequence"),
    )
    op.create_index("records_by_subject", "records", ["tenant", "subject", "sequence"], unique=False)
    op.create_index("records_by_type", "records", ["tenant", "type", "sequence"], unique=False)
    op.create_table(
        "replays",
        Column("tenant", String(length=64), nullable=False),
        Column("requester", String(length=200), nullable=False),
        Column("idempotency_key", String(length=200), nullable=False),
        Column("digest", String(length=64), nullable=False),
        Column("proposal", String(length=64), nullable=False),
        PrimaryKeyConstraint("tenant", "requester", "idempotency_key"),
    )
    op.create_table(
        "roles",
        Column("tenant", String(length=64), nullable=False),
        Column("role", String(length=64), nullable=False),
        Column("members", BODY, nullable=False),
        PrimaryKeyConstraint("tenant", "role"),
    )
    op.create_table(
        "switches",
        Column("tenant", String(length=64), nullable=False),
        Column("stopped", Integer(), nullable=False),
        Column("actor", String(length=200), nullable=False),
        Column("changed_at", Moment(), nullable=False),
        PrimaryKeyConstraint("tenant"),
    )
    op.create_table(
        "tools",
        Column("tenant", String(length=64), nullable=False),
        Column("name", String(length=200), nullable=False),
        Column("executor", String(length=200), nullable=False),
        Column("body", BODY, nullable=False),
        Column("registered_at", Moment(), nullable=False),
        PrimaryKeyConstraint("tenant", "name"),
    )
    op.create_table(
        "vault",
        Column("tenant", String(length=64), nullable=False),
        Column("record", String(length=64), nullable=False),
        Column("field", String(length=100), nullable=False),
        Column("subject", String(length=200), nullable=False),
        Column("ciphertext", LargeBinary(), nullable=False),
        PrimaryKeyConstraint("tenant", "record", "field"),
    )
    op.create_index("vault_by_subject", "vault", ["tenant", "subject"], unique=False)
    op.create_table(
        "vault_keys",
        Column("tenant", String(length=64), nullable=False),
        Column("subject", String(length=200), nullable=False),
        Column("wrapped", LargeBinary(), nullable=True),
        Column("master", String(length=64), nullable=True),
        Column("created_at", Moment(), nullable=False),
        Column("destroyed_at", Moment(), nullable=True),
        PrimaryKeyConstraint("tenant", "subject"),
    )
    op.create_table(
        "webhooks",
        Column("tenant", String(length=64), nullable=False),
        Column("id", String(length=64), nullable=False),
        Column("position", BigInteger(), nullable=False),
        Column("enabled", Integer(), nullable=False),
        Column("retry_at", Moment(), nullable=True),
        Column("holder", String(length=64), nullable=True),
        Column("held_until", Moment(), nullable=True),
        Column("body", BODY, nullable=False),
        Column("progress", BODY, nullable=False),
        PrimaryKeyConstraint("tenant", "id"),
    )
    guard(op.get_bind(), ("records", "checkpoints"))
