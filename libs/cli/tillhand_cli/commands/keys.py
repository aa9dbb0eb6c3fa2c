"""`tillhand keys`: who may do what."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated, Any, Final, TypeVar

import typer
from rich.console import Console
from rich.table import Table

from tillhand_cli.context import JsonOption, data_dir
from tillhand_cli.errors import CommandError, ExitCode
from tillhand_cli.output import output
from tillhand_common import keys as store
from tillhand_common.clock import rfc3339
from tillhand_common.keys import Change, Key, KeyStore, NewKey

app: Final = typer.Typer(
    help="Create, list, rotate and revoke API keys. Changes take effect at once, without a restart.",
    no_args_is_help=True,
)
KeysFileOption = Annotated[
    Path | None,
    typer.Option(envvar="TILLHAND_KEYS_FILE", help="The key store; by default keys.json in the data folder."),
]
KeyArgument = Annotated[str, typer.Argument(help="The key's id or name.", metavar="KEY")]
Result = TypeVar("Result")


@app.command()
def create(
    name: Annotated[str, typer.Argument(help="A name that tells what uses the key.")],
    kind: Annotated[str, typer.Option(help="agent, service or operator: gives the key its default scopes.")] = "agent",
    scope: Annotated[
        list[str] | None, typer.Option(help="Give these scopes instead; may be given again. `keys scopes` lists them.")
    ] = None,
    collection: Annotated[
        list[str] | None,
        typer.Option(help="Bind the key to this collection; may be given again. Without it the key reaches all."),
    ] = None,
    tenant: Annotated[
        str,
        typer.Option(help="The tenant that the key stands for in logs. It keeps no document apart: --collection does."),
    ] = "default",
    keys_file: KeysFileOption = None,
    as_json: JsonOption = False,
) -> None:
    """Create a key. Its token is shown this once and kept nowhere."""
    if kind not in store.KINDS:
        raise CommandError(f"--kind {kind}: use one of {', '.join(store.KINDS)}.", code=ExitCode.USAGE)
    made = _told(
        lambda: _store(keys_file).create(
            name,
            kind,
            tenant=tenant,
            collections=collection or None,
            scopes=scope or None,
        )
    )
    _show_new(made, as_json=as_json)


@app.command("list")
def list_keys(keys_file: KeysFileOption = None, as_json: JsonOption = False) -> None:
    """List all keys, revoked ones too; never their tokens."""
    keys = _told(lambda: _store(keys_file).list())
    output(as_json=as_json).result({"keys": [_document(key) for key in keys]}, lambda console: _table(console, keys))


@app.command()
def rotate(
    key: KeyArgument,
    grace_s: Annotated[float, typer.Option(min=0, help="Seconds for which the old token stays good.")] = 0.0,
    keys_file: KeysFileOption = None,
    as_json: JsonOption = False,
) -> None:
    """Give a key a new token; the old one ends now, or after the grace."""
    _show_new(_told(lambda: _store(keys_file).rotate(key, grace_s=grace_s)), as_json=as_json)


@app.command()
def revoke(key: KeyArgument, keys_file: KeysFileOption = None, as_json: JsonOption = False) -> None:
    """End a key at once and for good."""
    ended = _told(lambda: _store(keys_file).revoke(key))
    output(as_json=as_json).result(
        _document(ended), lambda console: console.print(f"Revoked {ended.name} ({ended.id}).")
    )


@app.command()
def history(keys_file: KeysFileOption = None, as_json: JsonOption = False) -> None:
    """List what was done to keys, when, and by which user of the machine; the last 1,000 changes."""
    changes = _told(lambda: _store(keys_file).history())
    output(as_json=as_json).result(
        {"changes": [change.model_dump(mode="json") for change in changes]},
        lambda console: _show_history(console, changes),
    )


@app.command()
def scopes(as_json: JsonOption = False) -> None:
    """List what a key can be allowed to do."""
    output(as_json=as_json).result({"scopes": dict(store.SCOPES)}, _show_scopes)


def _store(keys_file: Path | None) -> KeyStore:
    return KeyStore(store.store_path(data_dir(), keys_file), tokens=data_dir() / "keys")


def _told(work: Callable[[], Result]) -> Result:
    try:
        return work()
    except store.UnknownKey as error:
        raise CommandError(f"{error}.", code=ExitCode.NOTHING_FOUND) from error
    except store.KeyStoreError as error:
        raise CommandError(f"{error}.", code=ExitCode.USAGE) from error
    except OSError as error:
        raise CommandError(f"The key store cannot be used: {error.strerror}.", code=ExitCode.DENIED) from error


def _show_new(made: NewKey, *, as_json: bool) -> None:
    def show(console: Console) -> None:
        console.print(f"{made.key.name} ({made.key.id}), {made.key.kind}", highlight=False)
        console.print(made.token, highlight=False, soft_wrap=True)
        console.print("This is the only time that the token is shown.", style="dim")

    output(as_json=as_json).result({**_document(made.key), "token": made.token}, show)


def _document(key: Key) -> dict[str, Any]:
    return key.model_dump(mode="json")


def _table(console: Console, keys: Sequence[Key]) -> None:
    table = Table(box=None, pad_edge=False)
    for column in ("id", "name", "kind", "tenant", "collections", "scopes", "state"):
        table.add_column(column, overflow="fold")
    for key in keys:
        bound = "all" if key.collections is None else ", ".join(sorted(key.collections))
        state = "revoked" if key.revoked_at else "active"
        table.add_row(key.id, key.name, key.kind, key.tenant, bound, " ".join(sorted(key.scopes)), state)
    console.print(table if keys else "There are no keys yet; the first start of a service makes some.")


def _show_history(console: Console, changes: Sequence[Change]) -> None:
    table = Table(box=None, pad_edge=False)
    for column in ("at", "what", "key", "name", "by", "scopes"):
        table.add_column(column, overflow="fold")
    for change in changes:
        scopes_then = " ".join(sorted(change.scopes))
        table.add_row(rfc3339(change.at), change.what, change.key, change.name, change.by, scopes_then)
    console.print(table if changes else "No change is remembered.")


def _show_scopes(console: Console) -> None:
    table = Table(box=None, pad_edge=False, show_header=False)
    for scope, meaning in store.SCOPES.items():
        table.add_row(scope, meaning)
    console.print(table)
