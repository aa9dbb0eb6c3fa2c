"""`tillhand bench`: how fast a running service is, and whether it keeps its objectives."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final

import typer

from tillhand_cli.bench.settings import Files, Settings
from tillhand_cli.context import CollectionOption, JsonOption, KeyFileOption, RagUrlOption, api_key
from tillhand_cli.errors import ExitCode
from tillhand_cli.members import ANALYTICS, RAG
from tillhand_cli.output import output

app: Final = typer.Typer(help="Measure a running service under load.", no_args_is_help=True)

Requests = Annotated[int, typer.Option(min=1, max=50_000, help="Requests to measure.")]
Concurrency = Annotated[int, typer.Option(min=1, max=64, help="Clients, each with one request at a time.")]
Rate = Annotated[
    float | None,
    typer.Option(min=0.1, max=10_000, help="Requests per second, due whatever the service does; else as it can."),
]
Duration = Annotated[float, typer.Option(min=1, max=3600, help="Seconds after which no further request is sent.")]
WarmUp = Annotated[int, typer.Option("--warmup", min=0, max=5_000, help="Mixed requests before those that count.")]
Slos = Annotated[Path, typer.Option(help="Folder of the objectives.")]
ReportFolder = Annotated[
    Path | None, typer.Option(help="Folder for report.json, kept under its time too, p95.txt and latency.svg.")
]
Earlier = Annotated[Path | None, typer.Option("--compare", help="A report.json to compare with.")]
OBJECTIVES: Final = Path("slos")


@app.command()
def rag(
    requests: Requests = 600,
    concurrency: Concurrency = 4,
    rate: Rate = None,
    duration: Duration = 120.0,
    warm_up: WarmUp = 50,
    seed: Annotated[int, typer.Option(help="Decides order and questions.")] = 1,
    goldens: Annotated[
        Path | None, typer.Option(help="A goldens .yaml file to ask from; else the titles and headings stored.")
    ] = None,
    uploads: Annotated[
        bool, typer.Option("--uploads", help="Upload texts too, into a collection that is removed afterwards.")
    ] = False,
    slos: Slos = OBJECTIVES,
    report: ReportFolder = None,
    earlier: Earlier = None,
    collection: CollectionOption = "default",
    url: RagUrlOption = None,
    key_file: KeyFileOption = None,
    as_json: JsonOption = False,
) -> None:
    """Time a mix of searches, answers and reads on a running knowledge base, and check its objectives.

    It stays on this machine, asks a bounded number of times, and changes nothing that is stored. The exit code is 1
    when an objective was missed.
    """
    settings = Settings(
        service=RAG.name,
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
    _bench(settings, Files(slos, report, earlier, goldens), as_json=as_json)


@app.command()
def analytics(
    requests: Requests = 600,
    concurrency: Concurrency = 1,
    rate: Rate = None,
    duration: Duration = 120.0,
    warm_up: WarmUp = 20,
    seed: Annotated[int, typer.Option(help="Decides the order.")] = 1,
    slos: Slos = OBJECTIVES,
    report: ReportFolder = None,
    earlier: Earlier = None,
    url: Annotated[
        str | None,
        typer.Option(
            "--url",
            envvar="TILLHAND_ANALYTICS_URL",
            help=f"Analytics. [default: http://127.0.0.1:{ANALYTICS.default_port}]",
        ),
    ] = None,
    key_file: KeyFileOption = None,
    as_json: JsonOption = False,
) -> None:
    """Time figures that are known already, and the same ones calculated anew, and check the objectives.

    It stays on this machine and changes nothing. Times are also given as a ratio to a fixed piece of work that is timed
    in the same run. The exit code is 1 when an objective was missed.
    """
    settings = Settings(
        service=ANALYTICS.name,
        url=url or ANALYTICS.url,
        key=api_key(key_file),
        requests=requests,
        concurrency=concurrency,
        limit_s=duration,
        rate_per_s=rate,
        warm_up=warm_up,
        seed=seed,
    )
    _bench(settings, Files(slos, report, earlier), as_json=as_json)


def _bench(settings: Settings, files: Files, *, as_json: bool) -> None:
    from tillhand_cli.bench.session import bench  # noqa: PLC0415  # loads much that other commands do without

    if not bench(settings, files, output(as_json=as_json)):
        raise typer.Exit(ExitCode.PARTLY)
