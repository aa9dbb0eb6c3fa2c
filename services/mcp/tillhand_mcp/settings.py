"""What the connectors can be told, beside what every service can."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field, SecretStr

from tillhand_common.settings import CommonSettings

_URL = r"^(https?://.*)?$"


class McpSettings(CommonSettings):
    """Settings of services/mcp."""

    port: int = Field(default=8002, ge=0, le=65535, description="TCP port to listen on; 0 takes a free one.")
    rag_url: str = Field(
        default="", pattern=_URL, description="Address of the knowledge base, for the tools `knowledge_*`."
    )
    approvals_url: str = Field(
        default="", pattern=_URL, description="Address of the approvals; without it everything that writes is refused."
    )
    service_key: SecretStr | None = Field(
        default=None,
        description="The key with which the other services are asked; unset, the service key of the data folder.",
    )
    smtp_url: SecretStr | None = Field(
        default=None,
        description="Mail server through which replies go (smtps://user:password@host:465, or smtp:// with STARTTLS); "
        "unset, they are kept in a mailbox that sends nothing.",
    )
    mail_from: str = Field(
        default="", max_length=320, description="The sender's address of replies; needed together with the mail server."
    )

    @property
    def folder(self) -> Path:
        """Where the service keeps what is its own."""
        return self.data_dir / "mcp"
