"""What analytics can be told, beside what every service can."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr

from tillhand_common.settings import CommonSettings

_URL = r"^(https?://.*)?$"


class AnalyticsSettings(CommonSettings):
    """Settings of services/analytics."""

    port: int = Field(default=8004, ge=0, le=65535, description="TCP port to listen on; 0 takes a free one.")
    mcp_url: str = Field(
        default="",
        pattern=_URL,
        description="Address of the connectors, through which live data is read; unset, the seeded mock shop is used.",
    )
    approvals_url: str = Field(
        default="", pattern=_URL, description="Address of the approvals; without it purchases cannot be proposed."
    )
    service_key: SecretStr | None = Field(
        default=None,
        description="The key with which the other services are asked; unset, the service key of the data folder.",
    )
    rag_url: str = Field(
        default="",
        pattern=_URL,
        description="Address of the knowledge base, whose counters its objectives are held against.",
    )
    analytics_prometheus_url: str = Field(
        default="",
        pattern=_URL,
        description="Address of a Prometheus server that has loaded deploy/prometheus/rules.yaml; unset, objectives "
        "are held against the counters of the services whose addresses are set.",
    )
    analytics_slos: Path | None = Field(
        default=None,
        description="Folder of the objectives, one file a service; unset, `slos` here or what comes with the image.",
    )
    analytics_token: SecretStr | None = Field(
        default=None,
        description="The key with which analytics asks the connectors; unset, the service key of the data folder.",
    )
    analytics_recorded: Path | None = Field(
        default=None,
        description="Folder with recorded payloads, as `tillhand analytics record` writes it, to be read in place of "
        "the connectors.",
    )
    analytics_days: int = Field(
        default=365, ge=28, le=1_830, description="How many days back orders, searches and visits are read."
    )
    analytics_stock_days: int = Field(
        default=730,
        ge=28,
        le=3_650,
        description="How many days it is kept what lay where; never fewer than `TILLHAND_ANALYTICS_DAYS`.",
    )
    analytics_refresh_s: float = Field(
        default=900.0, ge=1, le=86_400, description="Seconds from one reading of the sources to the next."
    )
    analytics_retry_s: float = Field(
        default=15.0, ge=0.1, le=3_600, description="Seconds until the sources are read again after a failure."
    )
    lead_time_days: int = Field(
        default=14, ge=1, le=365, description="Days that a supplier takes for whose goods nothing better is known."
    )
    service_level: float = Field(
        default=0.95,
        gt=0.5,
        lt=1,
        description="Share of lead times in which stock should suffice, where a request does not say otherwise.",
    )
    analytics_forecaster: Literal["own", "statsforecast"] = Field(
        default="own",
        description="Whose models the shop and its categories are forecast with: our own, or those of `statsforecast` "
        "beside them (an extra, slower).",
    )
    brand_terms: str = Field(
        default="",
        max_length=2_000,
        description="What the shop is called in searches beside its name and its domain, separated by commas.",
    )

    @property
    def slos(self) -> Path:
        """Where the objectives are."""
        here, installed = Path("slos"), Path(sys.prefix) / "share" / "tillhand" / "slos"
        return self.analytics_slos or (here if here.is_dir() or not installed.is_dir() else installed)

    @property
    def folder(self) -> Path:
        """Where the service keeps what is its own."""
        return self.data_dir / "analytics"

    @property
    def counted(self) -> Path:
        """The file of what was counted of objectives."""
        return self.folder / "objectives.json"

    @property
    def kept(self) -> Path:
        """The file of what no source can be asked for again."""
        return self.folder / "kept.sqlite3"
