"""A load run from its options to its verdict."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

from tillhand_cli.bench import report as reports
from tillhand_cli.bench.analytics import Analytics
from tillhand_cli.bench.comparison import compare
from tillhand_cli.bench.knowledge import Knowledge
from tillhand_cli.bench.material import golden_questions
from tillhand_cli.bench.report import Conditions, Report
from tillhand_cli.bench.run import Ran, Subject, run
from tillhand_cli.bench.settings import Files, Settings
from tillhand_cli.bench.show import baseline, promised_and_measured, show
from tillhand_cli.bench.verdicts import judge
from tillhand_cli.errors import CommandError, ExitCode
from tillhand_cli.members import ANALYTICS
from tillhand_cli.output import Output
from tillhand_cli.urls import parts_of
from tillhand_common.host_gate import is_loopback
from tillhand_common.slos import Objective, SloError, read_objectives


def bench(settings: Settings, files: Files, out: Output) -> bool:
    """Measure, tell and keep it; whether no objective was missed.

    Raises CommandError, before anything is asked, for what cannot be used, and for another machine's address.
    """
    _stay_on_this_machine(settings.url)
    objectives = _objectives(files.slos, settings.service)
    subject = _subject(settings, files)
    earlier = reports.read_report(files.earlier) if files.earlier else None
    if files.report is not None:
        reports.make_folder(files.report)
    ran = asyncio.run(run(settings, subject, out.note))
    made = _report(settings, ran, objectives)
    kept = _kept(files.report, made, ran, objectives) if files.report is not None else []
    comparison = compare(earlier, made) if earlier is not None else None
    document = {
        **made.model_dump(mode="json"),
        "comparison": comparison.as_json() if comparison is not None else None,
        "files": [str(path) for path in kept],
    }
    out.result(document, lambda console: show(console, made, comparison))
    for path in kept:
        out.note(f"Written: {path}")
    for each in made.missed:
        out.note(f"Missed: {each.id} ({each.kind or 'all routes'}): {promised_and_measured(each)}")
    return made.holds


def _subject(settings: Settings, files: Files) -> Subject:
    if settings.service == ANALYTICS.name:
        return Analytics(settings)
    return Knowledge(settings, golden_questions(files.goldens) if files.goldens else None)


def _stay_on_this_machine(url: str) -> None:
    """Raises CommandError for an address that another machine may have."""
    if not is_loopback(parts_of(url).hostname or ""):
        raise CommandError(
            f"{url} is not on this machine, and a load run takes all that a service can give: no other is ever asked.",
            code=ExitCode.USAGE,
            hint="Call it on the machine of the service, with --url http://127.0.0.1 and its port.",
        )


def _objectives(folder: Path, service: str) -> Sequence[Objective]:
    try:
        return read_objectives(folder / f"{service}.yaml").objectives
    except SloError as error:
        hint = "Call it in the repository's folder, or name the folder of the objectives by --slos."
        raise CommandError(str(error), code=ExitCode.USAGE, hint=hint) from error


def _report(settings: Settings, ran: Ran, objectives: Sequence[Objective]) -> Report:
    measured = ran.measured
    return Report(
        service=settings.service,
        started_at=ran.started_at,
        url=settings.url,
        seed=settings.seed,
        conditions=Conditions(
            collection=settings.collection,
            loop="closed" if settings.rate_per_s is None else "open",
            rate_per_s=settings.rate_per_s,
            concurrency=settings.concurrency,
            requests=settings.requests,
            uploads=settings.uploads,
            cores=reports.cores(),
            machine=reports.machine(),
        ),
        warm_up=ran.warm_up,
        unsent=measured.unsent,
        elapsed_s=round(measured.elapsed_s, 3),
        held_s=round(measured.held_s, 3),
        client_busy=round(measured.busy, 3),
        load_before=ran.load_before,
        routes=reports.figures(measured),
        objectives=judge(objectives, measured),
        calibration_ms=ran.calibration_ms,
    )


def _kept(folder: Path, made: Report, ran: Ran, objectives: Sequence[Objective]) -> list[Path]:
    from tillhand_cli.bench import chart  # noqa: PLC0415  # loads the drawing library, for a report only

    drawn = chart.draw(ran.measured, objectives, made.conditions)
    try:
        lines = reports.write_lines(baseline(made), folder)
        return [*reports.write_report(made, folder), lines, chart.write_chart(drawn, folder)]
    except OSError as error:
        raise CommandError(f"{folder} cannot be written: {error.strerror}.", code=ExitCode.USAGE) from error
