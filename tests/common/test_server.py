"""Starting: what keeps a service from it is one readable line."""

import asyncio
import socket
import sys
from pathlib import Path

import pytest

from tillhand_common.testing import service_process

SAMPLE = Path(__file__).with_name("sample_service.py")


async def start(env: dict[str, str]) -> tuple[int, str]:
    """Start the sample service where it cannot, and return its exit code and standard error."""
    async with asyncio.timeout(30):
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            str(SAMPLE),
            env=env,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
        )
        _, errors = await process.communicate()
    assert process.returncode is not None
    return process.returncode, errors.decode()


async def test_unusable_settings_are_named_without_a_traceback() -> None:
    code, errors = await start({"TILLHAND_PORT": "eighty", "TILLHAND_DRAIN_DELAY_S": "-1"})
    assert code == 78
    assert "Traceback" not in errors
    assert {"TILLHAND_PORT:", "TILLHAND_DRAIN_DELAY_S:"} <= set(errors.split())


async def test_a_taken_port_is_named_without_a_traceback(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        code, errors = await start({"TILLHAND_PORT": str(port), "TILLHAND_DATA_DIR": str(tmp_path)})
    assert code == 69
    assert errors.count("\n") == 1
    assert f"port {port}: address already in use" in errors


async def test_a_second_process_on_one_data_folder_is_told_who_has_it(tmp_path: Path) -> None:
    env = {"TILLHAND_PORT": "0", "TILLHAND_DATA_DIR": str(tmp_path)}
    async with service_process(SAMPLE, env) as first:
        code, errors = await start(env)
    assert code == 69
    assert errors.count("\n") == 1
    assert f"{tmp_path} is in use by process {first.pid} on {socket.gethostname()} since 2" in errors
    assert "sample_service.py" in errors


async def test_what_a_killed_process_held_is_taken_over(tmp_path: Path) -> None:
    env = {"TILLHAND_PORT": "0", "TILLHAND_DATA_DIR": str(tmp_path)}
    async with service_process(SAMPLE, env) as first:
        first.process.kill()
        await first.wait()
        assert str(first.pid) in (tmp_path / "sample.lock").read_text()
        async with service_process(SAMPLE, env) as second:
            assert str(second.pid) in (tmp_path / "sample.lock").read_text()
    assert (tmp_path / "sample.lock").read_text() == ""


async def test_a_damaged_key_file_is_named_without_a_traceback(tmp_path: Path) -> None:
    (tmp_path / "keys.json").write_bytes(b"{}\xffgarbage")
    code, errors = await start({"TILLHAND_PORT": "0", "TILLHAND_DATA_DIR": str(tmp_path)})
    assert code == 69
    assert errors.count("\n") == 1
    assert "keys.json is not a key store of ours" in errors


@pytest.mark.parametrize("below", ["", "deeper/still"])
async def test_a_data_folder_that_is_a_file_is_named_without_a_traceback(tmp_path: Path, below: str) -> None:
    (tmp_path / "file").write_text("not a folder")
    code, errors = await start({"TILLHAND_PORT": "0", "TILLHAND_DATA_DIR": str(tmp_path / "file" / below)})
    assert code == 69
    assert errors.count("\n") == 1
    assert "cannot be used" in errors
    assert "TILLHAND_DATA_DIR" in errors


async def test_what_a_service_cannot_open_is_named_without_a_traceback(tmp_path: Path) -> None:
    missing = tmp_path / "missing"
    env = {"TILLHAND_PORT": "0", "TILLHAND_DATA_DIR": str(tmp_path), "TILLHAND_SAMPLE_CHART": str(missing)}
    code, errors = await start(env)
    assert (code, errors) == (69, f"tillhand: cannot start: no such file or directory ({missing})\n")
