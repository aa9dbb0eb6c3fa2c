"""What the code says about itself: settings, problems, metrics, routes and commands, as rows for the documents."""

from __future__ import annotations

import asyncio
import importlib
import inspect
import os
import pkgutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

from fastapi import FastAPI
from fastapi.routing import APIRoute, iter_route_contexts
from starlette.routing import BaseRoute
from typer.core import TyperArgument, TyperCommand, TyperGroup, TyperOption
from typer.main import get_command

from tillhand_cli.__main__ import app as command_line
from tillhand_cli.members import MEMBERS
from tillhand_common.problems import Problem
from tillhand_common.settings import CommonSettings, describe
from tillhand_common.slos import load_slos
from tillhand_common.upstream_metrics import UpstreamMetrics
from workspace import ROOT, Member, members, services

Row = tuple[str, ...]
Kind = TypeVar("Kind")

# The one variable that is read where no definition lists it: a secret has no place among a command's options.
API_KEY: Row = (
    "TILLHAND_API_KEY",
    "",
    "Key that the command line speaks with; else the operator's key that the first start wrote.",
)


def settings_class(service: Member) -> type[CommonSettings]:
    """The service's own settings: the one class that its settings module derives from the common ones."""
    module = importlib.import_module(f"{service.package}.settings")
    own = [kind for _, kind in inspect.getmembers(module, inspect.isclass) if kind.__module__ == module.__name__]
    return next(kind for kind in own if issubclass(kind, CommonSettings))


def described(kind: type[CommonSettings]) -> dict[str, Row]:
    """Settings by variable: variable, default, meaning. The default never shows where this Python lives."""
    return {
        info.env: (info.env, info.default.replace(sys.prefix, "<installation>"), info.doc) for info in describe(kind())
    }


def setting_rows() -> dict[str, list[Row]]:
    """Under `common` what every service reads; under each service what it adds or gives another default."""
    shared = described(CommonSettings)
    rows = {"common": list(shared.values())}
    for service in services():
        own = described(settings_class(service))
        rows[service.name] = [row for env, row in own.items() if shared.get(env) != row]
    rows["cli"] = command_line_variables(set(shared))
    return rows


def command_line_variables(elsewhere: set[str]) -> list[Row]:
    """Variables that only the command line reads: those of its options, and the port it gives each service."""
    rows: dict[str, Row] = {
        option.envvar: (option.envvar, "", option.help or "")
        for command in commands(get_command(command_line))
        for option in command.params
        if isinstance(option, TyperOption) and isinstance(option.envvar, str) and option.envvar not in elsewhere
    }
    for member in MEMBERS:
        variable = f"TILLHAND_{member.name.upper()}_PORT"
        rows[variable] = (variable, str(member.default_port), f"Port that `tillhand up` gives to {member.name}.")
    return [API_KEY, *sorted(rows.values())]


def commands(command: object) -> Iterator[TyperCommand]:
    if isinstance(command, TyperGroup):
        for child in command.commands.values():
            yield from commands(child)
    elif isinstance(command, TyperCommand):
        yield command


def import_all(package: str) -> None:
    """Import every module of a package, so that the classes in it are known."""
    root = importlib.import_module(package)
    for found in pkgutil.walk_packages(root.__path__, f"{package}."):
        if not found.name.endswith("__main__"):
            importlib.import_module(found.name)


def subclasses(kind: type[Kind]) -> Iterator[type[Kind]]:
    for child in kind.__subclasses__():
        yield child
        yield from subclasses(child)


def problem_rows() -> dict[str, list[Row]]:
    """Problem types by member: type, status, title, meaning."""
    for member in members():
        import_all(member.package)
    rows: dict[str, list[Row]] = {member.name: [] for member in members()}
    for kind in sorted(set(subclasses(Problem)), key=lambda kind: (kind.status, kind.slug)):
        owner = kind.__module__.split(".")[0].removeprefix("tillhand_")
        meaning = sentence(inspect.getdoc(kind) or "")
        rows[owner].append((f"urn:tillhand:problem:{kind.slug}", str(kind.status), kind.title, meaning))
    return {name: found for name, found in rows.items() if found}


def with_app(service: Member, look: Callable[[FastAPI], list[Row]]) -> list[Row]:
    """Start the service on an empty data folder, look at it from inside, and stop it."""

    async def start_and_look(folder: str) -> list[Row]:
        settings = settings_class(service)(data_dir=Path(folder), log_level="error")
        app = importlib.import_module(f"{service.package}.app").create_app(settings)
        async with app.router.lifespan_context(app):
            return look(app)

    with tempfile.TemporaryDirectory() as folder:
        return asyncio.run(start_and_look(folder))


def metrics_of(app: FastAPI) -> list[Row]:
    """Every metric of a running service: name, kind, labels, meaning."""
    metrics = app.state.chassis.metrics
    if not any(name.startswith("upstream_") for name, *_ in metrics.describe()):
        UpstreamMetrics(metrics, ())  # what a service with upstreams has, so that every service's page shows it
    rows = {name: (name, kind, ", ".join(labels), text) for name, kind, text, labels in metrics.describe()}
    known = {name.removesuffix("_total") for name in rows}
    for family in metrics.registry.collect():
        if family.name not in known:
            labels = sorted({label for sample in family.samples for label in sample.labels} - {"le"})
            name = f"{family.name}_total" if family.type == "counter" else family.name
            rows[name] = (name, family.type, ", ".join(labels), family.documentation)
    return sorted(rows.values())


def metric_rows() -> dict[str, list[Row]]:
    """Under `common` the metrics that every service has, under each service its own."""
    found = {service.name: with_app(service, metrics_of) for service in services()}
    shared = set.intersection(*(set(rows) for rows in found.values())) if len(found) > 1 else shared_by_prefix(found)
    rows = {name: [row for row in own if row not in shared] for name, own in found.items()}
    return {"common": sorted(shared)} | rows


def shared_by_prefix(found: dict[str, list[Row]]) -> set[Row]:
    """With one service there is nothing to compare: its own metrics begin with its name."""
    return {row for name, rows in found.items() for row in rows if not row[0].startswith(f"{name}_")}


def routes_of(app: FastAPI) -> list[Row]:
    """Every operation of a service: method, path, the scopes that a key needs, what it does."""
    documented = app.openapi()["paths"]
    rows: list[Row] = []
    for context in iter_route_contexts(app.routes):
        for method in sorted(context.methods or ()):
            operation = documented.get(context.path, {}).get(method.lower())
            if operation is not None:
                text = operation.get("description") or operation["summary"]
                rows.append((method, str(context.path), ", ".join(scopes_of(context.original_route)), sentence(text)))
    return rows


def scopes_of(route: BaseRoute) -> Iterator[str]:
    if isinstance(route, APIRoute):
        for dependency in route.dependant.dependencies:
            yield from getattr(dependency.call, "scopes", ())


def sentence(text: str) -> str:
    """The first paragraph of a docstring on one line."""
    return text.strip().split("\n\n", maxsplit=1)[0].replace("\n", " ")


def route_rows() -> dict[str, list[Row]]:
    return {service.name: with_app(service, routes_of) for service in services()}


def command_rows() -> list[Row]:
    """Every command of the command line: how it is called, what it does."""
    return list(walk_commands(get_command(command_line), "tillhand"))


def walk_commands(command: object, path: str) -> Iterator[Row]:
    if isinstance(command, TyperGroup):
        for name, child in command.commands.items():
            yield from walk_commands(child, f"{path} {name}")
    elif isinstance(command, TyperCommand):
        arguments = [part for part in command.params if isinstance(part, TyperArgument)]
        yield " ".join([path, *map(shown, arguments)]), command.get_short_help_str(200)


def shown(argument: TyperArgument) -> str:
    name = (argument.metavar or argument.name or "").upper().removesuffix("...") + (
        "..." if argument.nargs == -1 else ""
    )
    return name if argument.required else f"[{name}]"


def slo_rows() -> dict[str, list[Row]]:
    """The objectives of every service that has some: id, route, promise, window, meaning."""
    return {
        service: [
            (each.id, each.route or "", each.promise, f"{slos.window_days} days", each.description)
            for each in slos.objectives
        ]
        for service, slos in load_slos(ROOT / "slos").items()
    }


def forget_environment() -> None:
    """Documents state defaults, whatever the shell that writes them has set."""
    for name in [name for name in os.environ if name.startswith(("TILLHAND_", "MCP_"))]:
        del os.environ[name]
