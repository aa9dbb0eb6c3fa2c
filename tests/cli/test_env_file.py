"""`.env` in the folder in which the command is called."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.shell import WITHOUT_SETTINGS, Ended, run
from tillhand_common import keys


async def test_every_command_reads_the_env_file_of_the_folder_in_which_it_is_called(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("# Ours.\nTILLHAND_DATA_DIR=kept\nexport TILLHAND_LOG_LEVEL='error'  # quiet\n")
    keys.bootstrap(tmp_path / "kept")
    report = (await _tillhand(tmp_path, "doctor", "--json")).json
    settings = {info["env"]: info["value_masked"] for info in report["settings"]["rag"]}
    assert (settings["TILLHAND_DATA_DIR"], settings["TILLHAND_LOG_LEVEL"]) == ("kept", "error")
    listed = await _tillhand(tmp_path, "keys", "list", "--json")
    assert len(listed.json["keys"]) == 3
    assert not (await _tillhand(tmp_path / "kept", "keys", "list", "--json")).json["keys"], "only that folder's"


async def test_the_environment_wins_over_the_env_file(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("TILLHAND_DATA_DIR=kept\nTILLHAND_LOG_LEVEL=error\nTILLHAND_LOG_FORMAT=console\n")
    report = (await _tillhand(tmp_path, "doctor", "--json", TILLHAND_LOG_LEVEL="debug", TILLHAND_LOG_FORMAT="")).json
    settings = {info["env"]: info["value_masked"] for info in report["settings"]["rag"]}
    assert settings["TILLHAND_DATA_DIR"] == "kept"
    assert settings["TILLHAND_LOG_LEVEL"] == "debug"
    assert settings["TILLHAND_LOG_FORMAT"] == "json", "a variable that is set to nothing is set"


@pytest.mark.parametrize("content", [b"TILLHAND_LOG_LEVEL=\xff\n", b"TILLHAND_API_KEY=obviously\0fake\n"])
async def test_an_env_file_that_cannot_be_read_is_one_line_without_its_content(tmp_path: Path, content: bytes) -> None:
    (tmp_path / ".env").write_bytes(content)
    ended = await _tillhand(tmp_path, "keys", "scopes")
    assert ended.code == 2
    assert ended.err.startswith("tillhand: .env cannot be read: ")
    assert len(ended.err.splitlines()) == 1
    assert "obviously" not in ended.err


async def _tillhand(folder: Path, *arguments: str, **environment: str) -> Ended:
    return await run(*arguments, env={**WITHOUT_SETTINGS, **environment}, cwd=folder)
