"""A data folder in which another volume is mounted, as in a container: its content is exchanged, the mount stays."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

from tests.cli.shell import WITHOUT_ENV_FILE

WITHIN_S: Final = 60
SCRIPT: Final = """
set -e
mount --bind "$1" "$2/keys"
"$3" -m tillhand_cli backup create > /dev/null
printf newer > "$2/keys/agent.key"
printf surplus > "$2/keys/operator.key"
"$3" -m tillhand_cli backup restore latest
"""


def may_mount() -> bool:
    """Whether this process may mount something for itself alone."""
    if shutil.which("unshare") is None:
        return False
    return subprocess.run(["unshare", "--mount", "true"], capture_output=True, check=False).returncode == 0


@pytest.mark.skipif(not may_mount(), reason="wants the right to mount")
@pytest.mark.timeout(3 * WITHIN_S)
def test_the_content_of_a_mounted_volume_is_exchanged_and_the_mount_stays(tmp_path: Path) -> None:
    data, volume = tmp_path / "data", tmp_path / "a volume"
    (data / "keys").mkdir(parents=True)
    (data / "approvals").mkdir()
    (volume / "actors").mkdir(parents=True)
    (data / "approvals" / "vault.keys").write_text("opens it")
    kept = {"keys.json": "{}", "agent.key": "th_agent", "actors/mcp.pub": "pub"}
    for name, content in kept.items():
        (volume / name).write_text(content)
    settings = {
        "TILLHAND_DATA_DIR": str(data),
        "TILLHAND_KEYS_FILE": str(data / "keys" / "keys.json"),
        "TILLHAND_ACTORS": str(data / "keys" / "actors"),
    }
    done = subprocess.run(
        ["unshare", "--mount", "sh", "-c", SCRIPT, "sh", str(volume), str(data), sys.executable],
        env={**WITHOUT_ENV_FILE, **settings},
        capture_output=True,
        text=True,
        check=False,
        timeout=WITHIN_S,
    )
    assert done.returncode == 0, done.stderr
    assert {name: (volume / name).read_text() for name in kept} == kept, "the volume itself, outside of the mount"
    assert not (volume / "operator.key").exists()
    (before,) = volume.glob("before-*")
    assert (before / "agent.key").read_text() == "newer"
    assert (before / "operator.key").read_text() == "surplus"
    assert list((data / "keys").iterdir()) == [], "nothing went into the folder under the mount"
