"""`tillhand rag backup`: copies of the knowledge base alone, and the way back to them while it runs.

A knowledge base that runs is asked to do it; one that does not is opened by this command.
"""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from rich.console import Console

from tillhand_cli.api import Api
from tillhand_cli.context import JsonOption, KeyFileOption, RagUrlOption, connect
from tillhand_cli.errors import CommandError, ExitCode
from tillhand_cli.operations import operate
from tillhand_cli.output import output

app: Final = typer.Typer(
    help="Back up the knowledge base alone, verify backups, restore one while it runs.", no_args_is_help=True
)

BackupArgument = Annotated[str, typer.Argument(help="A backup by its name, or an archive by its path.")]
Report = dict[str, Any]
_SUFFIX: Final = ".tar"


@app.command()
def create(url: RagUrlOption = None, key_file: KeyFileOption = None, as_json: JsonOption = False) -> None:
    """Copy all documents, and what is kept beside them, into one archive; the service goes on serving."""
    from tillhand_rag import commands  # noqa: PLC0415  # loads the model's libraries, which other commands do without

    out = output(as_json=as_json)
    made = _either(
        url, key_file, lambda api: operate(api, "/v1/backups", {}, out), lambda: commands.create_backup(out.note)
    )
    out.result(made, lambda console: _show_made(console, made))


@app.command()
def verify(backup: BackupArgument, as_json: JsonOption = False) -> None:
    """Read and hash every byte of a backup, in this process."""
    from tillhand_rag import commands  # noqa: PLC0415  # as above

    manifest = commands.verify_backup(backup)
    output(as_json=as_json).result(manifest, lambda console: _show_whole(console, manifest))


@app.command(name="list")
def list_(url: RagUrlOption = None, key_file: KeyFileOption = None, as_json: JsonOption = False) -> None:
    """List the backups, the newest first."""
    from tillhand_rag import commands  # noqa: PLC0415  # as above

    found = _either(url, key_file, lambda api: api.get("/v1/backups", holding="items"), commands.list_backups)
    output(as_json=as_json).result(found, lambda console: _show_list(console, found["items"]))


@app.command()
def restore(
    backup: BackupArgument, url: RagUrlOption = None, key_file: KeyFileOption = None, as_json: JsonOption = False
) -> None:
    """Put what a backup holds in place of everything, running or not.

    The archive is verified first; what is there now is backed up before it is replaced; afterwards the golden
    questions are put again. When they are answered worse than when the backup was made, the exit code is 1.
    """
    from tillhand_rag import commands  # noqa: PLC0415  # as above

    out = output(as_json=as_json)
    commands.verify_backup(backup)
    name = _brought(backup, commands.backup_folder())
    done = _either(
        url,
        key_file,
        lambda api: operate(api, "/v1/restores", {"backup": name}, out),
        lambda: commands.restore_backup(name, out.note),
    )
    out.result(done, lambda console: _show_restored(console, done))
    if not done["verified"]:
        raise typer.Exit(ExitCode.PARTLY)


def _either(
    url: str | None,
    key_file: Path | None,
    asked: Callable[[Api], Coroutine[None, None, Report]],
    here: Callable[[], Coroutine[None, None, Report]],
) -> Report:
    async def run() -> Report:
        async with connect(url, key_file) as api:
            if await api.answers():
                return await asked(api)
        if url is not None:
            raise CommandError(f"{url} cannot be reached.", code=ExitCode.UNREACHABLE)
        return await here()

    return asyncio.run(run())


def _brought(backup: str, folder: Path) -> str:
    """The name of a backup in the service's folder; an archive from elsewhere is copied there first."""
    path = Path(backup)
    if not path.is_file():
        return backup.removesuffix(_SUFFIX)
    target = folder / f"{path.stem}{_SUFFIX}"
    if path.resolve() != target.resolve():
        if target.exists():
            raise CommandError(
                f"{folder} has another backup of this name: rename the archive first.", code=ExitCode.USAGE
            )
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        partial = target.with_name(f"{target.name}.partial")
        shutil.copyfile(path, partial)
        partial.rename(target)
    return path.stem


def _show_made(console: Console, made: Report) -> None:
    _line(console, f"Backed up as {made['id']}: {_counts(made)}.")


def _show_whole(console: Console, manifest: Report) -> None:
    _line(console, f"{manifest['id']} is whole: {_counts(manifest)}, made {manifest['created_at']}.")


def _show_list(console: Console, items: list[Report]) -> None:
    if not items:
        console.print("There is no backup.")
        return
    for item in items:
        size = sum(file["bytes"] for file in item["files"].values()) / 2**20
        goldens = item["goldens"]
        asked = f", golden questions {goldens['passed']} of {goldens['questions']}" if goldens["questions"] else ""
        _line(console, f"{item['id']}  {item['created_at']}  {size:.1f} MiB: {_counts(item)}{asked}")


def _show_restored(console: Console, done: Report) -> None:
    _line(console, f"Restored {done['backup']}: {done['documents']} documents in {done['seconds']:.1f} s.")
    if done["kept_as"]:
        _line(console, f"What was there before is kept as {done['kept_as']}.")
    goldens, then = done["goldens"], done["goldens_then"]
    if goldens["questions"]:
        _line(console, f"Golden questions: {goldens['passed']} of {goldens['questions']}, then {then['passed']}.")


def _counts(manifest: Report) -> str:
    collections = len(manifest["collections"])
    return (
        f"{_sum(manifest, 'documents')} documents, {_sum(manifest, 'chunks')} chunks, "
        f"{collections} {'collection' if collections == 1 else 'collections'}"
    )


def _sum(manifest: Report, what: str) -> int:
    return sum(index[what] for index in manifest["indexes"])


def _line(console: Console, text: str) -> None:
    console.print(text, highlight=False, markup=False, soft_wrap=True)
