"""The service under endurance: a process of its own on this machine, which knows nothing of another installation's."""

from __future__ import annotations

import os
import resource
import socket
from pathlib import Path
from typing import Final

from tillhand_cli.members import Member
from tillhand_cli.processes import Running, start, until_ready

HOST: Final = "127.0.0.1"
READY_WITHIN_S: Final = 60.0
HEARTBEAT_S: Final = 2.0
MOST_FILES: Final = 65_536


async def started(member: Member, folder: Path) -> Running:
    """The approvals on a folder of their own, ready. Raises `CommandError`."""
    inherited = {name: "" for name in os.environ if name.startswith("TILLHAND_")}  # empty is as good as unset
    environment = {
        **inherited,
        "TILLHAND_DATA_DIR": str(folder),
        "TILLHAND_HEARTBEAT_S": str(HEARTBEAT_S),
        "TILLHAND_UNDO_S": "0",
        "TILLHAND_RATE_LIMIT": "off",
    }
    service = await start(member, host=HOST, logs=folder / "logs", environment=environment)
    try:
        await until_ready(service, READY_WITHIN_S)
    except BaseException:
        await service.stop()
        raise
    return service


def free_port() -> int:
    """A port on which nobody listens."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def resident_mb(pid: int) -> float:
    """Resident memory of a process; 0 where it is not there, or the machine does not say."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0.0
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS:")), 0.0)


def busy_s(pid: int) -> float:
    """Seconds that all cores together have worked for a process; 0 as above."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")  # user and system; proc(5)


def open_many_files() -> None:
    """Allow this process and those that it starts as many sockets as the machine lets it have."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MOST_FILES if most == resource.RLIM_INFINITY else min(most, MOST_FILES)
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, most))
