"""Secret settings from files, as an orchestrator mounts them."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import Field, SecretStr

from tillhand_common.settings import CommonSettings, SettingsError, load


class HarbourSettings(CommonSettings):
    """Settings of a service with a secret, and with something beside it."""

    harbour_token: SecretStr | None = Field(default=None, description="Token for the harbour.")
    berths: int = Field(default=3, gt=0, description="Number of berths.")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TILLHAND_SECRETS_DIR", str(tmp_path))
    return tmp_path


def token() -> str | None:
    loaded = load(HarbourSettings).harbour_token
    return loaded.get_secret_value() if loaded else None


def test_a_secret_is_read_from_the_file_that_is_called_like_its_variable(folder: Path) -> None:
    (folder / "tillhand_harbour_token").write_text("from a file\n")
    assert token() == "from a file"


def test_a_variable_wins_over_a_file(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "tillhand_harbour_token").write_text("from a file")
    monkeypatch.setenv("TILLHAND_HARBOUR_TOKEN", "from the environment")
    assert token() == "from the environment"


def test_an_empty_file_and_a_missing_folder_set_nothing(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "tillhand_harbour_token").write_text("\n")
    assert token() is None
    monkeypatch.setenv("TILLHAND_SECRETS_DIR", str(folder / "none"))
    assert token() is None


def test_what_is_no_secret_is_not_read_from_files(folder: Path) -> None:
    (folder / "tillhand_berths").write_text("9")
    assert load(HarbourSettings).berths == 3


def test_a_file_that_cannot_be_read_is_named_and_refused(folder: Path) -> None:
    (folder / "tillhand_harbour_token").mkdir()
    with pytest.raises(SettingsError, match=r"TILLHAND_SECRETS_DIR: .*/tillhand_harbour_token cannot be read"):
        load(HarbourSettings)
