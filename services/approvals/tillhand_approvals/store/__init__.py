"""Where proposals, the audit log, the vault and the outbox are kept: SQLite, or PostgreSQL."""
