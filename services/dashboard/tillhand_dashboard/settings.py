"""What the console can be told, beside what every service can."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, SecretStr, field_validator

from tillhand_common.settings import CommonSettings, Texts

_URL: Final = r"^(https?://.*)?$"


class DashboardSettings(CommonSettings):
    """Settings of services/dashboard."""

    port: int = Field(default=3000, ge=0, le=65535, description="TCP port to listen on; 0 takes a free one.")
    approvals_url: str = Field(default="", pattern=_URL, description="Address of the approvals.")
    mcp_url: str = Field(default="", pattern=_URL, description="Address of the connectors.")
    analytics_url: str = Field(default="", pattern=_URL, description="Address of analytics.")
    rag_url: str = Field(default="", pattern=_URL, description="Address of the knowledge base.")
    dashboard_key: SecretStr | None = Field(
        default=None,
        description="The key with which the console asks the other services in the name of whoever is signed in; "
        "unset, one of its own in the data folder, made at the first start.",
    )
    dashboard_proposing_key: SecretStr | None = Field(
        default=None,
        description="A second key, with the scopes analytics:read, approvals:propose and act_as, by "
        "which people propose orders from the console; unset, it proposes nothing.",
    )
    dashboard_public_url: str = Field(
        default="",
        pattern=_URL,
        description="Where browsers reach the console, such as https://console.example.com; with https, cookies are "
        "sent over TLS alone. Its name belongs into TILLHAND_ALLOWED_HOSTS, too.",
    )
    dashboard_time_zone: str = Field(default="UTC", description="Time zone of exact times, such as Europe/Berlin.")
    dashboard_session_idle_minutes: int = Field(
        default=120, ge=5, le=10_080, description="Minutes without a request after which a session ends."
    )
    dashboard_session_hours: int = Field(
        default=12, ge=1, le=720, description="Hours after which a session ends, however much it is used."
    )
    dashboard_browser: Path = Field(
        default=Path(sys.prefix) / "share" / "tillhand" / "browser",
        description="Folder of the scripts that the set-up fetches for browsers.",
    )
    dashboard_evidence: Path | None = Field(
        default=None,
        description="The report that the page of the evidence shows; by default `evidence/report.json` in the data "
        "folder, where `tillhand evidence` leaves it.",
    )
    dashboard_oidc_issuer: str = Field(
        default="",
        pattern=_URL,
        description="Issuer of an OpenID Connect provider; with it people may sign in there.",
    )
    dashboard_oidc_client_id: str = Field(default="", description="The console's client id at the provider.")
    dashboard_oidc_client_secret: SecretStr | None = Field(
        default=None, description="The console's secret at the provider, if it has one."
    )
    dashboard_oidc_role_claim: str = Field(
        default="groups", description="Claim of the ID token that the three settings below look into."
    )
    dashboard_oidc_admins: Texts = Field(default=(), description="Values of the claim that make an admin.")
    dashboard_oidc_operators: Texts = Field(default=(), description="Values of the claim that make an operator.")
    dashboard_oidc_viewers: Texts = Field(
        default=(), description="Values of the claim that make a viewer; * lets everybody in whom the provider knows."
    )

    @property
    def accounts_file(self) -> Path:
        """Where accounts and sessions are kept."""
        return self.data_dir / "dashboard.sqlite"

    @property
    def link_file(self) -> Path:
        """Where the first sign-in link lies until it is used."""
        return self.data_dir / "keys" / "sign-in-link"

    @property
    def evidence_file(self) -> Path:
        """Where the newest report of the evidence lies, once somebody has made one."""
        return self.dashboard_evidence or self.data_dir / "evidence" / "report.json"

    @property
    def address(self) -> str:
        """Where people are told that the console is."""
        return self.dashboard_public_url.rstrip("/") or f"http://127.0.0.1:{self.port}"

    @property
    def secure(self) -> bool:
        """Whether browsers come by TLS."""
        return self.dashboard_public_url.startswith("https://")

    @field_validator("dashboard_oidc_admins", "dashboard_oidc_operators", "dashboard_oidc_viewers", mode="before")
    @classmethod
    def _several(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(part.strip() for part in value.split(",") if part.strip())
        return value

    @field_validator("dashboard_time_zone")
    @classmethod
    def _known(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError):
            raise ValueError("no time zone of this name is known here") from None
        return value
