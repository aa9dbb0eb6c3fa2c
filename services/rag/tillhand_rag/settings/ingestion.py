"""What may be read into the knowledge base, from where, and how much of it."""

from __future__ import annotations

import re
from typing import Annotated, Final

from pydantic import Field, field_validator
from pydantic_settings import NoDecode

from tillhand_common.public_addresses import PrivateHosts
from tillhand_common.settings import MIB, CommonSettings, Texts
from tillhand_rag.settings.indexes import COLLECTION, split

Port = Annotated[int, Field(ge=1, le=65535)]

_ROOT: Final = re.compile(rf"({COLLECTION.pattern}=)?/.*")


class IngestionSettings(CommonSettings):
    """Settings of uploads, ingestions and fetches."""

    max_document_bytes: int = Field(
        default=32 * MIB, ge=1024, description="Largest file that becomes a document, in bytes, also when unpacked."
    )
    max_document_characters: int = Field(
        default=5_000_000, ge=1_000, description="Longest canonical text of one document, in characters."
    )
    default_currency: str = Field(
        default="",
        pattern=r"^([A-Z]{3})?$",
        description="ISO 4217 code of prices that name no currency; without it such a price cannot be filtered by.",
    )
    ingest_deadline_s: float = Field(
        default=600.0, gt=0, le=3600, description="Seconds after which an upload is answered with 504."
    )
    ingest_roots: Texts = Field(
        default=(),
        description="Folders of the server that ingestions may read, with all below them, comma-separated; none by "
        "default. As collection=/folder also for keys that are bound to this collection; the others are for keys that "
        "may see all.",
    )
    ingestion_jobs: int = Field(default=2, ge=1, le=16, description="Ingestions that run at a time.")
    fetch_private_hosts: Texts = Field(
        default=(),
        description="Host names, addresses and CIDR networks that may be fetched although they are not public, "
        "comma-separated. Link-local and metadata addresses never are.",
    )
    fetch_ports: Annotated[tuple[Port, ...], NoDecode] = Field(
        default=(80, 443), description="TCP ports that may be fetched from, comma-separated."
    )
    fetch_timeout_s: float = Field(
        default=30.0, gt=0, le=600, description="Seconds that one fetch with its redirects may take."
    )
    fetch_max_pages: int = Field(default=1_000, ge=1, le=100_000, description="Most pages that one crawl visits.")
    fetch_gap_s: float = Field(
        default=0.25,
        ge=0,
        le=60,
        description="Seconds between two requests to one host; a site's crawl delay widens it, up to 10.",
    )
    fetch_user_agent: str = Field(
        default="Tillhand",
        pattern=r"^[\x21-\x7e][\x20-\x7e]{0,199}$",
        description="How fetches introduce themselves; robots.txt is read for this name.",
    )

    @field_validator("ingest_roots", "fetch_private_hosts", "fetch_ports", mode="before")
    @classmethod
    def _split_lists(cls, value: object) -> object:
        return split(value)

    @field_validator("ingest_roots")
    @classmethod
    def _absolute(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if not all(_ROOT.fullmatch(root) for root in value):
            raise ValueError("each must be /folder or collection=/folder")
        return value

    @field_validator("fetch_private_hosts")
    @classmethod
    def _readable(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        PrivateHosts.of(value)
        return value
