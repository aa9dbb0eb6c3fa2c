"""`tillhand rag`: measuring the knowledge base, its golden questions, its model, and making its indexes anew."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from rich.console import Console

from tillhand_cli.api import Api
from tillhand_cli.commands import rag_backup
from tillhand_cli.context import CollectionOption, JsonOption, KeyFileOption, RagUrlOption, connect
from tillhand_cli.errors import CommandError, ExitCode
from tillhand_cli.evaluations import missed_of, parse_thresholds, show_evaluation, show_report
from tillhand_cli.operations import followed, operate
from tillhand_cli.output import Output, output

app: Final = typer.Typer(
    help="Measure the knowledge base, prepare its model, make its indexes anew, back it up alone.", no_args_is_help=True
)
app.add_typer(rag_backup.app, name="backup")

Report = dict[str, Any]
ThresholdOption = Annotated[
    list[str] | None,
    typer.Option(
        "--threshold",
        metavar="FIGURE=LEAST",
        help="Fail when a figure of the report is below, such as accuracy=0.9 or ndcg@10=0.7; may be repeated.",
    ),
]
IndexOption = Annotated[str, typer.Option(help="The index; `tillhand rag indexes` lists them.")]


@app.command()
def evaluate(
    data: Annotated[
        Path, typer.Option(help="Folder in BEIR layout (corpus.jsonl, queries.jsonl, qrels/), or a goldens .yaml file.")
    ],
    mode: Annotated[str, typer.Option(help="hybrid, dense, keyword, or all: each of them.")] = "hybrid",
    split: Annotated[str, typer.Option(help="Which qrels of the folder: test, train or dev.")] = "test",
    part: Annotated[
        str, typer.Option(help="all, or only the questions whose id hashes to an odd or even number.")
    ] = "all",
    limit: Annotated[int | None, typer.Option(min=1, help="Ask only this many questions.")] = None,
    threshold: ThresholdOption = None,
    report_file: Annotated[Path | None, typer.Option("--report", help="Also write the report to this file.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Measure search and answers on questions whose right answers are known.

    Runs in this process on a collection of its own, which is removed afterwards; no service needs to run. In mode
    all, thresholds are those of hybrid.
    """
    from tillhand_rag import commands  # noqa: PLC0415  # loads the model's libraries, which other commands do without

    out, thresholds = output(as_json=as_json), parse_thresholds(threshold or [])
    try:
        report = asyncio.run(commands.evaluate(data, mode=mode, split=split, part=part, limit=limit, say=out.note))
    except commands.InvalidData as error:
        raise CommandError(str(error), code=ExitCode.USAGE) from error
    if report_file is not None:
        _written(report_file, report)
    out.result(report, lambda console: show_report(console, report))
    _judged(out, missed_of(report.get("modes", {}).get("hybrid", report), thresholds))


@app.command()
def goldens(
    file: Annotated[
        Path | None, typer.Argument(help="Goldens .yaml file to keep for the collection; without it, those it has.")
    ] = None,
    collection: CollectionOption = "default",
    mode: Annotated[str, typer.Option(help="hybrid, dense or keyword.")] = "hybrid",
    threshold: ThresholdOption = None,
    report_file: Annotated[Path | None, typer.Option("--report", help="Also write the report to this file.")] = None,
    url: RagUrlOption = None,
    key_file: KeyFileOption = None,
    as_json: JsonOption = False,
) -> None:
    """Keep golden questions for a collection, put them to the running knowledge base, and show how each one went.

    What is kept is also put to every rebuilt index before it takes over, and to every restored backup.
    """
    out, thresholds = output(as_json=as_json), parse_thresholds(threshold or [])
    questions = None if file is None else _questions(file)

    async def run() -> Report:
        async with connect(url, key_file) as api:
            if questions is not None:
                await api.put("/v1/goldens", {"collection": collection, "questions": questions}, holding="questions")
                out.note(f"{len(questions)} golden questions are kept for {collection}.")
            body = {"collection": collection, "mode": mode, "thresholds": thresholds}
            started = await api.post("/v1/evaluations", body, holding="state")
            return await followed(api, started, "/v1/evaluations", out)

    done = asyncio.run(run())
    if report_file is not None:
        _written(report_file, done)
    out.result(done, lambda console: show_evaluation(console, done["report"]))
    _judged(out, [(each["name"], each["value"], each["least"]) for each in done["report"]["missed"]])


@app.command()
def rebuild(
    index: IndexOption = "main",
    force: Annotated[
        bool, typer.Option("--force", help="Put it in place even if it does worse on the golden questions.")
    ] = False,
    url: RagUrlOption = None,
    key_file: KeyFileOption = None,
    as_json: JsonOption = False,
) -> None:
    """Make an index anew as the settings ask (model, chunking), check it, and let it take over.

    The live one serves until then, and `tillhand rag rollback` goes back to it.
    """
    _replace("/v1/rebuilds", {"index": index, "force": force}, url, key_file, output(as_json=as_json))


@app.command()
def rollback(
    index: IndexOption = "main", url: RagUrlOption = None, key_file: KeyFileOption = None, as_json: JsonOption = False
) -> None:
    """Let the generation of an index from before its last rebuild serve again, with all that was written since."""
    _replace("/v1/rollbacks", {"index": index}, url, key_file, output(as_json=as_json))


@app.command()
def indexes(url: RagUrlOption = None, key_file: KeyFileOption = None, as_json: JsonOption = False) -> None:
    """List the indexes: what serves, what came before, and whether the settings ask for something else."""

    async def run() -> Report:
        async with connect(url, key_file) as api:
            return await api.get("/v1/indexes", holding="items")

    found = asyncio.run(run())
    output(as_json=as_json).result(found, lambda console: _show_indexes(console, found))


@app.command()
def prepare(as_json: JsonOption = False) -> None:
    """Export the default embedding model, check it against the reference and choose the fastest route here."""
    from tillhand_rag import commands  # noqa: PLC0415  # as above

    if commands.prepare(as_json=as_json) != 0:
        raise typer.Exit(ExitCode.UNREACHABLE)


def _questions(file: Path) -> list[Report]:
    from tillhand_rag import commands  # noqa: PLC0415  # as above

    try:
        return commands.golden_questions(file)
    except commands.InvalidData as error:
        raise CommandError(str(error), code=ExitCode.USAGE) from error


def _replace(path: str, body: dict[str, object], url: str | None, key_file: Path | None, out: Output) -> None:
    async def run() -> Report:
        async with connect(url, key_file) as api:
            return await _replaced(api, path, body, out)

    report = asyncio.run(run())
    out.result(report, lambda console: _show_replaced(console, report))


async def _replaced(api: Api, path: str, body: dict[str, object], out: Output) -> Report:
    return await operate(api, path, body, out)


def _written(path: Path, report: Report) -> None:
    try:
        path.write_text(json.dumps(report, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    except OSError as error:
        raise CommandError(f"{path} cannot be written: {error.strerror}.", code=ExitCode.USAGE) from error


def _judged(out: Output, missed: list[tuple[str, float | None, float]]) -> None:
    for name, value, least in missed:
        shown = "not in the report" if value is None else f"{value:.4f}"
        out.note(f"{name}: {shown}, and at least {least:g} was asked for.")
    if missed:
        raise typer.Exit(ExitCode.PARTLY)


def _show_replaced(console: Console, report: Report) -> None:
    goldens_now, before = report["goldens"], report["goldens_before"]
    _line(console, f"{report['generation']} serves; {report['before']} did before.")
    _line(console, f"{report['documents']} documents in {report['seconds']:.1f} s.")
    if report["moved"]:
        _line(console, f"Moved here: {', '.join(report['moved'])}.")
    if goldens_now["questions"]:
        _line(
            console,
            f"Golden questions: {goldens_now['passed']} of {goldens_now['questions']}; {before['passed']} before.",
        )


def _show_indexes(console: Console, found: Report) -> None:
    for item in found["items"]:
        live, previous = item["live"], item["previous"]
        _line(console, f"{item['name']}: {live['name']}, {live['model']}, {item['documents']} documents")
        if previous is not None:
            _line(console, f"  before: {previous['name']}, {previous['model']}")
        if item["rebuild_wanted"]:
            _line(console, "  The settings ask for something else: run `tillhand rag rebuild`.")
    if found["collections_to_move"]:
        _line(console, f"To be moved by a rebuild: {', '.join(found['collections_to_move'])}.")


def _line(console: Console, text: str) -> None:
    console.print(text, highlight=False, markup=False, soft_wrap=True)
