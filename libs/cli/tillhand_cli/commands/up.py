"""`tillhand up`: the platform on embedded defaults, in the foreground."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import Coroutine, Sequence
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from tillhand_cli.context import JsonOption, data_dir
from tillhand_cli.errors import CommandError, ExitCode
from tillhand_cli.members import MEMBERS, Member
from tillhand_cli.output import Output, output
from tillhand_cli.processes import Running, start, until_ready
from tillhand_cli.samples import read_samples
from tillhand_cli.sending import Summary

HOST: Final = "127.0.0.1"
READY_WITHIN_S: Final = 120.0
EXAMPLE: Final = "How long do I have to return an order?"
"""A question that the sample shop answers."""


def up(
    only: Annotated[list[str] | None, typer.Option(help="Start only this service; may be given again.")] = None,
    samples: Annotated[
        Path | None, typer.Option(help="Folder of sample documents, read into an empty knowledge base.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Start the platform and keep it running until Ctrl-C.

    Each service is a process of its own, on loopback only, with its log in the data folder. If one ends, all end.
    With --json the document comes as soon as everything is ready.
    """
    asyncio.run(_run(_chosen(only or []), samples, output(as_json=as_json)))


def _chosen(only: Sequence[str]) -> list[Member]:
    names = {member.name for member in MEMBERS}
    if unknown := sorted(set(only) - names):
        raise CommandError(
            f"--only {unknown[0]}: there is no such service. There are: {', '.join(sorted(names))}.",
            code=ExitCode.USAGE,
        )
    chosen = [member for member in MEMBERS if not only or member.name in only]
    for member in chosen:
        if not member.installed:
            raise CommandError(f"{member.name} is not installed here.", code=ExitCode.USAGE, hint="Run: make up")
    return chosen


async def _run(members: Sequence[Member], samples: Path | None, out: Output) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):  # the last: its terminal was closed
        loop.add_signal_handler(number, stop.set)
    running: list[Running] = []
    try:
        await _until(stop, _bring_up(members, samples, out, running))
        if not stop.is_set():
            await _until(stop, _first_end(running))
    finally:
        out.note("\nStopping…")
        await asyncio.gather(*(service.stop() for service in running))
        out.note("Stopped.")


async def _bring_up(members: Sequence[Member], samples: Path | None, out: Output, running: list[Running]) -> None:
    started = time.monotonic()
    for member in members:
        out.note(f"Starting {member.name} ({member.purpose}) …")
        running.append(await start(member, host=HOST, logs=data_dir() / "logs", environment=_told(member, members)))
    for service in running:
        await until_ready(service, READY_WITHIN_S)
        out.note(f"  {service.member.name:<12} ready at {service.url}   log {service.log}")
    rag = next((service for service in running if service.member.name == "rag"), None)
    read = await read_samples(samples, rag.url, out) if samples is not None and rag is not None else None
    _tell(running, read, time.monotonic() - started, out)


def _told(member: Member, members: Sequence[Member]) -> dict[str, str]:
    """What a service is told of the others, unless the environment says otherwise. Some will start after it."""
    addresses = {f"TILLHAND_{other.name.upper()}_URL": other.url for other in members if other is not member}
    return {name: url for name, url in addresses.items() if not os.environ.get(name)}


def _tell(running: Sequence[Running], samples: Summary | None, ready_s: float, out: Output) -> None:
    out.note(f"\nTillhand is ready after {ready_s:.1f} s. Ctrl-C stops it.")
    out.note(f"  keys         {data_dir() / 'keys'}")
    out.note("  reading      needs no key on this machine, whoever asks; writing does")
    for service in running:
        out.note(f"  {service.member.name:<12} {service.url}/openapi.json")
    for service in running:
        if service.member.name == "mcp":
            out.note(f"  agents       {service.url}/mcp   (tillhand mcp config, tillhand connect)")
        if service.member.name == "dashboard":
            out.note(f"  people       {service.url}")
    link = _sign_in_link() if any(service.member.name == "dashboard" for service in running) else None
    if link is not None:
        out.note(f"  sign in      {link}   (once, within a day)")
    out.note(f'  try          .venv/bin/tillhand ask "{EXAMPLE}"')
    document: dict[str, Any] = {
        "services": [
            {"name": service.member.name, "url": service.url, "log": str(service.log), "pid": service.process.pid}
            for service in running
        ],
        "keys": str(data_dir() / "keys"),
        "sign_in_link": link,
        "ready_s": round(ready_s, 3),
        "samples": None if samples is None else vars(samples),
    }
    out.result(document, lambda _: None)


def _sign_in_link() -> str | None:
    """The link that the console has left for its first operator; None once it was used."""
    try:
        return (data_dir() / "keys" / "sign-in-link").read_text(encoding="ascii").strip()
    except OSError:
        return None


async def _first_end(running: Sequence[Running]) -> None:
    ends = {asyncio.create_task(service.process.wait()): service for service in running}
    done, pending = await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
    for task in pending:
        task.cancel()
    service = ends[done.pop()]
    raise CommandError(
        f"{service.member.name} ended by itself (exit {service.process.returncode}). "
        f"The end of {service.log}:\n{service.tail()}",
        code=ExitCode.UNREACHABLE,
    )


async def _until(stop: asyncio.Event, work: Coroutine[object, object, None]) -> None:
    """Do the work, or leave it when the stop comes first."""
    task = asyncio.create_task(work)
    stopped = asyncio.create_task(stop.wait())
    await asyncio.wait({task, stopped}, return_when=asyncio.FIRST_COMPLETED)
    stopped.cancel()
    if not task.done():
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        return
    await task
