"""`tillhand doctor`: what this installation is, and what it lacks."""

from __future__ import annotations

import asyncio
import importlib
import importlib.metadata
import os
import platform
import shutil
import socket
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final, Literal

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from tillhand_cli.api import open_api
from tillhand_cli.context import JsonOption, data_dir
from tillhand_cli.errors import CommandError, ExitCode
from tillhand_cli.members import MEMBERS, Member
from tillhand_cli.output import output
from tillhand_common import keys
from tillhand_common.settings import SettingInfo, SettingsError

LIBRARIES: Final = (
    "fastapi", "starlette", "uvicorn", "httpx", "tenacity", "pybreaker", "sse-starlette", "prometheus-client",
    "chromadb", "tantivy", "onnxruntime", "openvino", "sentence-transformers", "torch",
)  # fmt: skip
FREE_BYTES_WANTED: Final = 2 * 1024**3

Status = Literal["ok", "note", "missing"]
_STYLES: Final[dict[Status, str]] = {"ok": "green", "note": "yellow", "missing": "red"}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at; `remedy` says how to get what is missing."""

    subject: str
    status: Status
    detail: str
    remedy: str = ""


def doctor(as_json: JsonOption = False) -> None:
    """Look this installation over: versions, settings (secrets masked), ports, model, keys, and what is missing.

    The exit code is 1 when something is missing.
    """
    findings = [*_machine(), *_keys()]
    settings: dict[str, list[SettingInfo]] = {}
    for member in MEMBERS:
        if not member.installed:
            findings.append(Finding(member.name, "missing", "not installed", "make up"))
            continue
        commands = importlib.import_module(f"{member.package}.commands")
        findings += _settings(member, commands.settings, settings)
        if member.name in settings:
            findings += [Finding(*found) for found in commands.inspect()]
        findings.append(asyncio.run(_service(member)))
    document = {
        "versions": _versions(),
        "settings": {name: [asdict(info) for info in infos] for name, infos in settings.items()},
        "findings": [asdict(finding) for finding in findings],
    }
    output(as_json=as_json).result(document, lambda console: _show(console, settings, findings))
    if any(finding.status == "missing" for finding in findings):
        raise typer.Exit(ExitCode.PARTLY)


def _versions() -> dict[str, str]:
    versions = {"python": platform.python_version()}
    for name in ("tillhand-common", "tillhand-cli", *(f"tillhand-{member.name}" for member in MEMBERS), *LIBRARIES):
        try:
            versions[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            versions[name] = "not installed"
    return versions


def _machine() -> Iterator[Finding]:
    yield Finding("python", "ok", f"{platform.python_version()} at {sys.prefix}, {_cores()} cores")
    folder = data_dir().absolute()
    existing = next(path for path in (folder, *folder.parents) if path.exists())
    if not os.access(existing, os.W_OK):
        yield Finding(
            "data folder", "missing", f"{folder} cannot be written", "set TILLHAND_DATA_DIR to another folder"
        )
        return
    free = shutil.disk_usage(existing).free
    status: Status = "ok" if free >= FREE_BYTES_WANTED else "note"
    yield Finding("data folder", status, f"{folder}, {free / 1e9:.0f} GB free")


def _cores() -> int:
    """The cores that this process may use; where the system does not tell (macOS), all that there are."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _keys() -> Iterator[Finding]:
    named = os.environ.get("TILLHAND_KEYS_FILE")
    path = keys.store_path(data_dir(), Path(named) if named else None)
    try:
        held = keys.KeyStore(path).list()
    except (keys.KeyStoreError, OSError) as error:
        yield Finding("keys", "missing", str(error), f"restore {path}, or move it away and start anew")
        return
    active = sum(1 for key in held if key.revoked_at is None)
    if active:
        yield Finding("keys", "ok", f"{active} active in {path}")
    else:
        yield Finding("keys", "note", "none yet", "the first start of a service makes them")


def _settings(
    member: Member, describe: Callable[[], list[SettingInfo]], into: dict[str, list[SettingInfo]]
) -> Iterator[Finding]:
    try:
        into[member.name] = describe()
    except SettingsError as error:
        yield Finding(f"{member.name} settings", "missing", str(error), "correct the variable")
    else:
        changed = sum(1 for info in into[member.name] if info.value_masked != info.default)
        yield Finding(f"{member.name} settings", "ok", f"{changed} differ from their defaults")


async def _service(member: Member) -> Finding:
    try:
        port = member.port
    except CommandError as error:
        return Finding(f"{member.name} service", "missing", error.message, "correct the variable")
    with socket.socket() as probe:
        probe.settimeout(1.0)
        if probe.connect_ex(("127.0.0.1", port)) != 0:
            return Finding(f"{member.name} service", "note", f"port {port} is free", "tillhand up")
    async with open_api(member.url, None, attempts=1) as api:
        ready = await api.is_ready()
    return Finding(
        f"{member.name} service", "ok" if ready else "note", f"{'ready' if ready else 'not ready'} at {member.url}"
    )


def _show(console: Console, settings: dict[str, list[SettingInfo]], findings: list[Finding]) -> None:
    console.print("[bold]Versions[/bold]")
    table = Table(box=None, pad_edge=False, show_header=False)
    for name, version in _versions().items():
        table.add_row(name, version)
    console.print(table)
    for name, infos in settings.items():
        console.print(f"\n[bold]Settings of {name}[/bold]")
        table = Table(box=None, pad_edge=False, show_header=False)
        for info in infos:
            table.add_row(info.env, info.value_masked, "" if info.value_masked == info.default else "changed")
        console.print(table)
    console.print("\n[bold]Findings[/bold]")
    for finding in findings:
        told = escape(f"{finding.subject}: {finding.detail}")
        console.print(f"[{_STYLES[finding.status]}]{finding.status:<8}[/] {told}")
        if finding.remedy and finding.status != "ok":
            console.print(f"         {finding.remedy}", style="dim", markup=False)
