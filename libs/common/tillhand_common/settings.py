"""Settings by environment: typed, frozen, each with a sentence, and printable without its secrets."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final, Literal, TypeVar

from pydantic import AliasChoices, Field, SecretStr, TypeAdapter, ValidationError, field_validator
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, NoDecode, PydanticBaseSettingsSource, SettingsConfigDict

from tillhand_common.secret_files import FOLDER_VARIABLE, SecretFiles, SecretFileUnreadable

ENV_PREFIX: Final = "TILLHAND_"
MASK: Final = "********"
MIB: Final = 1024 * 1024

Texts = Annotated[tuple[str, ...], NoDecode]
"""Several values in one variable, separated by commas."""


class SettingsError(Exception):
    """The environment holds values that cannot be used; the message names each variable and no value."""


class CommonSettings(BaseSettings):
    """What every service can be told. A service derives its own class and gives `port` its default."""

    model_config = SettingsConfigDict(
        env_prefix=ENV_PREFIX, env_file=None, frozen=True, extra="ignore", env_ignore_empty=True
    )

    host: str = Field(
        default="127.0.0.1",
        description="Address that a service listens on when it is started by itself or in a container; another than "
        "loopback needs keys. `tillhand up` stays on 127.0.0.1.",
    )
    port: int = Field(default=8000, ge=0, le=65535, description="TCP port to listen on; 0 takes a free one.")
    data_dir: Path = Field(default=Path(".tillhand"), description="Folder for everything that the service keeps.")
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="Least important level that is logged."
    )
    log_format: Literal["json", "console"] = Field(
        default="json", description="One JSON object per line, or lines for a person at a terminal."
    )
    keys_file: Path | None = Field(
        default=None, description="Where API keys are kept (hashed); by default in the data folder."
    )
    secrets_dir: Path | None = Field(
        default=None,
        description="Folder of files with secret settings, each called like its variable in lower case, such as "
        "tillhand_service_key; an empty one sets nothing, and a variable that is set wins.",
    )
    actors: Path | None = Field(
        default=None,
        description="Folder with the public keys (*.pub) of services that may speak for others; by default actors/ in "
        "the data folder, where each leaves its own.",
    )
    allowed_hosts: Texts = Field(
        default=(), description="Host names that requests may ask for, beside the loopback ones; comma-separated."
    )
    allowed_origins: Texts = Field(
        default=(), description="Browser origins (https://host:port) that may call, beside our own; comma-separated."
    )
    drain_delay_s: float = Field(
        default=0.0,
        ge=0,
        le=300,
        description="Seconds that the listener stays open after SIGTERM while /ready says 503.",
    )
    drain_timeout_s: float = Field(
        default=10.0,
        gt=0,
        le=600,
        description="Seconds that requests in flight get to finish after the listener closed.",
    )
    request_deadline_s: float = Field(
        default=30.0, gt=0, le=3600, description="Seconds after which a request is answered with 504."
    )
    max_body_bytes: int = Field(default=32 * MIB, ge=1024, description="Largest request body that is read, in bytes.")
    rate_limit: str = Field(
        default="6000/minute",
        pattern=r"^(\d+/(second|minute|hour|day)|off)$",
        description="Requests that one key (or one address without a key) may make, such as 6000/minute, or off.",
    )
    force_mocks: bool = Field(
        default=False,
        validate_default=True,
        validation_alias=AliasChoices("TILLHAND_FORCE_MOCKS", "force_mocks"),
        description="Use mock upstreams whatever credentials exist; MCP_FORCE_MOCKS=true does the same.",
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - the signature is the library's
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - its own reads any setting, not only secrets
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Return where values come from, the first that has one wins."""
        return init_settings, env_settings, SecretFiles(settings_cls)

    @property
    def actors_folder(self) -> Path:
        """Where the keys of services that speak for others are."""
        return self.actors or self.data_dir / "actors"

    @field_validator("allowed_hosts", "allowed_origins", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(part.strip() for part in value.split(",") if part.strip())
        return value

    @field_validator("force_mocks")
    @classmethod
    def _forced_by_either_name(cls, value: bool) -> bool:
        return value or TypeAdapter(bool).validate_python(os.environ.get("MCP_FORCE_MOCKS") or False)


SettingsT = TypeVar("SettingsT", bound=CommonSettings)


def load(settings_class: type[SettingsT]) -> SettingsT:
    """Read the settings from the environment.

    Raises SettingsError with one line per unusable variable.
    """
    try:
        return settings_class()
    except SecretFileUnreadable as error:
        raise SettingsError(f"{FOLDER_VARIABLE}: {error}") from None
    except ValidationError as error:
        lines = [
            f"{_env_of(settings_class, item['loc'])}: {_reason(item['msg'])}"
            for item in error.errors(include_url=False, include_context=False, include_input=False)
        ]
        raise SettingsError("\n".join(lines)) from None


@dataclass(frozen=True, slots=True)
class SettingInfo:
    """One setting as a person reads it; `value_masked` never shows a secret."""

    name: str
    env: str
    default: str
    value_masked: str
    doc: str


def describe(settings: CommonSettings) -> list[SettingInfo]:
    """List every setting with its variable, default, present value (masked where secret) and meaning."""
    return [
        SettingInfo(
            name=name,
            env=env_name(name, field),
            default=_shown(field.get_default(call_default_factory=True, validated_data={})),
            value_masked=_shown(getattr(settings, name)),
            doc=field.description or "",
        )
        for name, field in type(settings).model_fields.items()
    ]


def env_name(name: str, field: FieldInfo) -> str:
    """Return the environment variable that a field is read from."""
    alias = field.validation_alias
    if isinstance(alias, AliasChoices):
        return str(alias.choices[0])
    return alias if isinstance(alias, str) else f"{ENV_PREFIX}{name.upper()}"


def _env_of(settings_class: type[CommonSettings], loc: Sequence[int | str]) -> str:
    name = str(loc[0]) if loc else ""
    field = settings_class.model_fields.get(name)
    return env_name(name, field) if field is not None else name or "settings"


def _reason(message: str) -> str:
    return message.removeprefix("Value error, ")


def _shown(value: object) -> str:
    if isinstance(value, SecretStr):
        return MASK if value.get_secret_value() else ""
    if isinstance(value, tuple | list | frozenset):
        return ",".join(_shown(item) for item in value)
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else str(value)
