"""`tillhand bench`: how fast a running service is, and whether it keeps its objectives."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final

import typer

from tillhand_cli.bench.settings import Files, Settings
from tillhand_cli.context import CollectionOption, JsonOption, KeyFileOption, RagUrlOption, api_key
from tillhand_cli.errors import ExitCode
from tillhand_cli.members import RAG
from tillhand_cli.output import output

app: Final = typer.Typer(help="Measure a running service under load.", no_args_is_help=True)


@app.command()
def rag(
    requests: Annotated[int, typer.Option(min=1, max=50_000, help="Requests to measure.")] = 600,
    concurrency: Annotated[int, typer.Option(min=1, max=64, help="Clients, each with one request at a time.")] = 4,
    rate: Annotated[
        float | None,
        typer.Option(min=0.1, max=10_000, help="Requests per second, due whatever the service does; else as it can."),
    ] = None,
    duration: Annotated[
        float, typer.Option(min=1, max=3600, help="Seconds after which no further request is sent.")
    ] = 120.0,
    warm_up: Annotated[
        int, typer.Option("--warmup", min=0, max=5_000, help="Mixed requests before those that count.")
    ] = 50,
    seed: Annotated[int, typer.Option(help="Decides order and questions.")] = 1,
    goldens: Annotated[
        Path | None, typer.Option(help="A goldens .yaml file to ask from; else the titles and headings stored.")
    ] = None,
    uploads: Annotated[
        bool, typer.Option("--uploads", help="Upload texts too, into a collection that is removed afterwards.")
    ] = False,
    slos: Annotated[Path, typer.Option(help="Folder of the objectives.")] = Path("slos"),
    report: Annotated[
        Path | None, typer.Option(help="Folder for report.json, kept under its time too, and latency.svg.")
    ] = None,
    earlier: Annotated[Path | None, typer.Option("--compare", help="A report.json to compare with.")] = None,
    collection: CollectionOption = "default",
    url: RagUrlOption = None,
    key_file: KeyFileOption = None,
    as_json: JsonOption = False,
) -> None:
    """Time a mix of searches, answers and reads on a running knowledge base, and check its objectives.

    It stays on this machine, asks a bounded number of times, and changes nothing that is stored. The exit code is 1
    when an objective was missed.
    """
    from tillhand_cli.bench.session import bench  # noqa: PLC0415  # loads much that other commands do without

    settings = Settings(
        url=url or RAG.url,
        key=api_key(key_file),
        collection=collection,
        requests=requests,
        concurrency=concurrency,
        limit_s=duration,
        rate_per_s=rate,
        warm_up=warm_up,
        seed=seed,
        uploads=uploads,
    )
    if not bench(settings, Files(goldens, slos, report, earlier), output(as_json=as_json)):
        raise typer.Exit(ExitCode.PARTLY)
