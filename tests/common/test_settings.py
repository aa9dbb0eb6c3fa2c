"""Settings: read from the environment, described without their secrets, refused by name."""

import pytest
from pydantic import Field, SecretStr, ValidationError

from tillhand_common.settings import MASK, CommonSettings, SettingsError, describe, load

SECRET = "not-a-real-secret"


class HarbourSettings(CommonSettings):
    """Settings of a service with a secret."""

    port: int = Field(default=8077, description="Port.")
    harbour_token: SecretStr = Field(default=SecretStr(""), description="Token for the harbour.")
    berths: int = Field(default=3, gt=0, description="Number of berths.")


def test_a_service_gives_its_own_default_and_the_environment_wins(monkeypatch: pytest.MonkeyPatch) -> None:
    assert load(HarbourSettings).port == 8077
    monkeypatch.setenv("TILLHAND_PORT", "9000")
    monkeypatch.setenv("TILLHAND_ALLOWED_HOSTS", " harbour.example , , quay.example")
    loaded = load(HarbourSettings)
    assert loaded.port == 9000
    assert loaded.allowed_hosts == ("harbour.example", "quay.example")


def test_an_empty_variable_is_as_good_as_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TILLHAND_PORT", "")
    assert load(HarbourSettings).port == 8077


def test_what_cannot_be_used_is_named_by_its_variable_and_not_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TILLHAND_PORT", SECRET)
    monkeypatch.setenv("TILLHAND_BERTHS", "0")
    monkeypatch.setenv("TILLHAND_RATE_LIMIT", SECRET)
    monkeypatch.setenv("TILLHAND_FORCE_MOCKS", SECRET)
    with pytest.raises(SettingsError) as caught:
        load(HarbourSettings)
    lines = str(caught.value).splitlines()
    names = {"TILLHAND_PORT", "TILLHAND_BERTHS", "TILLHAND_RATE_LIMIT", "TILLHAND_FORCE_MOCKS"}
    assert {line.partition(":")[0] for line in lines} == names
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize("name", ["TILLHAND_FORCE_MOCKS", "MCP_FORCE_MOCKS"])
def test_mocks_are_forced_by_either_name(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    assert not load(CommonSettings).force_mocks
    monkeypatch.setenv(name, "true")
    assert load(CommonSettings).force_mocks


def test_the_force_of_one_name_is_not_undone_by_the_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TILLHAND_FORCE_MOCKS", "false")
    monkeypatch.setenv("MCP_FORCE_MOCKS", "1")
    assert load(CommonSettings).force_mocks


def test_settings_cannot_be_changed() -> None:
    with pytest.raises(ValidationError):
        load(CommonSettings).port = 1


def test_a_description_lists_every_setting_with_its_variable_and_masks_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TILLHAND_HARBOUR_TOKEN", SECRET)
    monkeypatch.setenv("TILLHAND_ALLOWED_HOSTS", "a.example,b.example")
    listed = {info.name: info for info in describe(load(HarbourSettings))}
    assert listed.keys() == HarbourSettings.model_fields.keys()
    assert all(info.doc and info.env.startswith("TILLHAND_") for info in listed.values())
    assert (listed["harbour_token"].value_masked, listed["harbour_token"].default) == (MASK, "")
    assert listed["allowed_hosts"].value_masked == "a.example,b.example"
    assert (listed["berths"].env, listed["berths"].default) == ("TILLHAND_BERTHS", "3")
    assert listed["force_mocks"].value_masked == "false"
    assert SECRET not in repr(list(listed.values()))
