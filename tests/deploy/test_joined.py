"""The services of the compose file know one another: addresses, and keys that each of them takes."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from declarations import settings_class
from tillhand_cli.members import MEMBERS
from tillhand_common.actor import bootstrap_signing_key
from tillhand_common.keys import KeyStore, service_key, store_path
from tillhand_common.settings import CommonSettings
from workspace import Member, services

COMPOSE: Final = Path(__file__).resolve().parents[2] / "deploy" / "compose.yaml"
STACK: Final[dict[str, Any]] = yaml.safe_load(COMPOSE.read_text("utf-8"))
OURS: Final = [each.name for each in MEMBERS]
DATA: Final = "/data"


def environment(name: str) -> dict[str, str]:
    """What a container is given, where the host sets nothing."""
    given: dict[str, str] = STACK["services"][name]["environment"]
    return {variable: re.sub(r"\$\{\w+:-(.*?)\}", r"\1", value) for variable, value in given.items()}


def volumes(name: str) -> dict[str, str]:
    """The volume at each place of a container."""
    pairs = (str(each).split(":") for each in STACK["services"][name]["volumes"])
    return {place: volume for volume, place in pairs}


@pytest.mark.parametrize("name", OURS)
def test_a_service_is_told_of_all_others_as_up_tells_it(name: str) -> None:
    others = [each for each in MEMBERS if each.name != name]
    told = {f"TILLHAND_{each.name.upper()}_URL": f"http://{each.name}:{each.default_port}" for each in others}
    assert told.items() <= environment(name).items()
    assert all(environment(each.name)["TILLHAND_ALLOWED_HOSTS"] == each.name for each in others)


@pytest.mark.parametrize("name", OURS)
def test_a_service_has_data_of_its_own_and_keys_with_the_others(name: str) -> None:
    assert volumes(name) == {DATA: f"{name}-data", f"{DATA}/keys": "keys"}
    assert set(volumes(name).values()) <= set(STACK["volumes"])


def here(service: Member, folder: Path, monkeypatch: pytest.MonkeyPatch) -> CommonSettings:
    """The settings of a container, with its volumes in a folder of this machine: that of the keys is the same one."""
    data = folder / service.name
    data.mkdir()
    (data / "keys").symlink_to(folder / "keys")
    with monkeypatch.context() as patch:
        for variable, value in environment(service.name).items():
            if value:
                patch.setenv(variable, value.replace(DATA, str(data)))
        patch.setenv("TILLHAND_DATA_DIR", str(data))
        return settings_class(service)()


def test_the_key_that_one_service_asks_with_is_taken_by_every_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "keys").mkdir(mode=0o700)
    joined = [here(service, tmp_path, monkeypatch) for service in services()]
    made = [KeyStore(store_path(each.data_dir, each.keys_file)).bootstrap(each.data_dir / "keys") for each in joined]
    assert [bool(files) for files in made] == [True] + [False] * (len(joined) - 1)
    for asking in joined:
        token = service_key(None, asking.data_dir)
        assert token is not None
        for asked in joined:
            key = KeyStore(store_path(asked.data_dir, asked.keys_file)).authenticate(token.get_secret_value())
            assert key is not None
            assert {"mcp:call", "approvals:propose", "act_as"} <= key.scopes


def test_in_whose_name_one_service_speaks_can_be_checked_by_every_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "keys").mkdir(mode=0o700)
    joined = [here(service, tmp_path, monkeypatch) for service in services()]
    bootstrap_signing_key(joined[0].actors_folder, "analytics")
    assert all([file.name for file in each.actors_folder.glob("*.pub")] == ["analytics.pub"] for each in joined)
