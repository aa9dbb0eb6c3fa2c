"""Secret settings from files: what an orchestrator mounts, so that no secret stands in a process's environment."""

import os
from pathlib import Path
from typing import Any, Final, get_args

from pydantic import SecretStr
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource

FOLDER_VARIABLE: Final = "TILLHAND_SECRETS_DIR"


class SecretFileUnreadable(Exception):
    """A secret's file is there and cannot be read; the message names the file."""


class SecretFiles(PydanticBaseSettingsSource):
    """The secret settings of one class, each from the file that is called like its variable, in lower case.

    A file that is missing or empty sets nothing. Raises SecretFileUnreadable.
    """

    def __init__(self, settings_class: type[BaseSettings]) -> None:
        super().__init__(settings_class)
        folder = os.environ.get(FOLDER_VARIABLE)
        self._folder = Path(folder) if folder else None
        self._prefix = str(settings_class.model_config.get("env_prefix", "")).lower()

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        """Return the secret, or None."""
        if self._folder is None or not _is_secret(field):
            return None, field_name, False
        return _content(self._folder / f"{self._prefix}{field_name}") or None, field_name, False

    def __call__(self) -> dict[str, Any]:
        """Return what the files set."""
        fields = self.settings_cls.model_fields.items()
        found = {name: self.get_field_value(field, name)[0] for name, field in fields}
        return {name: value for name, value in found.items() if value is not None}


def _is_secret(field: FieldInfo) -> bool:
    return SecretStr in (field.annotation, *get_args(field.annotation))


def _content(file: Path) -> str:
    try:
        return file.read_text("utf-8").strip()
    except FileNotFoundError:
        return ""
    except (OSError, UnicodeDecodeError) as error:
        raise SecretFileUnreadable(f"{file} cannot be read ({type(error).__name__})") from None
