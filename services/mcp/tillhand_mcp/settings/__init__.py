"""What the connectors can be told, beside what every service can."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr

from tillhand_common.settings import CommonSettings

VERSION = "2026-10"
"""Version of Shopify's Admin API for which the documents are written."""
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
    analytics_url: str = Field(
        default="",
        pattern=_URL,
        description="Address of analytics, for the tools `inventory_*`, `seo_*` and `sales_*`.",
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

    mocks: Literal["auto", "never"] = Field(
        default="auto",
        description="What becomes of a connector without any credentials: auto lets a mock answer, and says so; never "
        "blocks it.",
    )
    mock_url: str = Field(
        default="",
        pattern=r"^(http://(127\.0\.0\.1|localhost)(:\d+)?)?$",
        description="Address of a mock upstream that runs already; unset, the service starts one of its own when it is "
        "called.",
    )
    mock_port: int = Field(
        default=8010,
        ge=0,
        le=65535,
        description="Loopback port of the mock upstream that the service starts; another is taken where it is in use.",
    )
    shopify_store: str = Field(
        default="",
        pattern=r"^([a-z0-9][a-z0-9-]{0,60}\.myshopify\.com)?$",
        description="The shop, such as my-shop.myshopify.com.",
    )
    shopify_client_id: str = Field(default="", max_length=200, description="Client id of the shop's own app.")
    shopify_client_secret: SecretStr | None = Field(default=None, description="Client secret of the shop's own app.")
    shopify_access_token: SecretStr | None = Field(
        default=None, description="Access token of an older custom app, in place of client id and secret."
    )
    shopify_api_version: str = Field(
        default=VERSION, pattern=r"^\d{4}-(01|04|07|10)$", description="Version of the Admin API that is asked for."
    )
    shopify_show_customers: bool = Field(
        default=False,
        description="Let agents see names, e-mail addresses and telephone numbers of customers, who are ids otherwise.",
    )
    google_credentials: Path | None = Field(
        default=None,
        description="File with a service account's key, or with a person's leave, for Analytics and Search Console.",
    )
    ga4_property: str = Field(
        default="", pattern=r"^\d{0,15}$", description="Number of the Google Analytics property, such as 123456789."
    )
    search_console_site: str = Field(
        default="",
        pattern=r"^(sc-domain:[^\s/]+|https?://\S+/)?$",
        description="The site in Search Console: sc-domain:example.com, or an address that ends in a slash.",
    )
    bing_api_key: SecretStr | None = Field(default=None, description="Key of Bing Webmaster Tools.")
    bing_site: str = Field(
        default="",
        pattern=r"^(https?://\S+)?$",
        description="The site in Bing Webmaster Tools, such as https://example.com/.",
    )

    catalogue_sync: Literal["off", "live", "always"] = Field(
        default="live",
        description="Whether the shop's products are kept as documents in the knowledge base: those of a live shop, "
        "the mock's too (always), or none, whose names the redactor does not learn then either.",
    )
    catalogue_sync_s: float = Field(
        default=300.0, ge=1, le=86_400, description="Seconds from one look for changed products to the next."
    )
    catalogue_collection: str = Field(
        default="catalogue",
        pattern=r"^[a-z0-9](?:[a-z0-9_-]{0,62}[a-z0-9])?$",
        description="Collection of the knowledge base in which products are kept.",
    )

    @property
    def folder(self) -> Path:
        """Where the service keeps what is its own."""
        return self.data_dir / "mcp"
