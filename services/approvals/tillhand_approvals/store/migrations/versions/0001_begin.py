"""The first tables."""

from alembic import op

from tillhand_approvals.store.tables import METADATA, guard

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Create them all, and guard what is append-only."""
    connection = op.get_bind()
    METADATA.create_all(connection)
    guard(connection)
