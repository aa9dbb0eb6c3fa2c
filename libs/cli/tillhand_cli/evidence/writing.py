"""The report as files: for programs, for a terminal, and as one page that needs nothing beside it."""

from __future__ import annotations

import base64
import json
import shutil
from collections.abc import Iterator, Mapping
from html import escape
from importlib.resources import files as resources
from pathlib import Path
from typing import Any, Final

JSON, MARKDOWN, PAGE = "report.json", "report.md", "report.html"
MARKS: Final = {"green": "kept", "amber": "not measured", "red": "missed"}
KEPT_FOR_THE_CONSOLE: Final = "evidence"
MOST_SHOWN: Final = 4_000
"""Characters of a file that the page shows; the rest is in the file."""
SHOWN: Final = ("masked-log.json", "latency/p95.txt", "security-headers.json", "images.json")


def write(report: Mapping[str, Any], out: Path, data: Path | None = None) -> list[Path]:
    """All three forms of a report; with the data folder of a platform, its console shows it, too."""
    out.mkdir(parents=True, exist_ok=True)
    made = {JSON: as_json(report), MARKDOWN: as_markdown(report), PAGE: as_page(report, out)}
    for name, text in made.items():
        (out / name).write_text(text, encoding="utf-8")
    if data is not None and data.is_dir():
        shown = data / KEPT_FOR_THE_CONSOLE
        shown.mkdir(mode=0o700, exist_ok=True)
        partial = shown / f".{JSON}.partial"
        shutil.copyfile(out / JSON, partial)
        partial.replace(shown / JSON)
    return [out / name for name in made]


def as_json(report: Mapping[str, Any]) -> str:
    """The report for programs, and for the console."""
    return json.dumps(report, ensure_ascii=False, indent=2) + "\n"


def headline(report: Mapping[str, Any]) -> str:
    """All of it in a line."""
    counts = ", ".join(f"{report['counts'][state]} {mark}" for state, mark in MARKS.items())
    return f"{len(report['criteria'])} criteria: {counts}"


def as_markdown(report: Mapping[str, Any]) -> str:
    """The report as text."""
    lines = [
        "# Evidence",
        "",
        f"{headline(report)}. Measured {report['measured_at']} in {report['seconds']:.0f} s on {report['machine']}.",
        "",
        "| state | criterion | threshold | found | evidence |",
        "|---|---|---|---|---|",
    ]
    for each in report["criteria"]:
        linked = " ".join(f"[{name}]({name})" for name in each["files"]) or "none"
        cells = (each["state"], each["title"], each["threshold"], each["summary"], f"{linked} `{each['command']}`")
        lines.append(f"| {' | '.join(map(_cell, cells))} |")
    return "\n".join(lines) + "\n"


def as_page(report: Mapping[str, Any], out: Path) -> str:
    """The report as a page: style, charts and excerpts are in it; it loads nothing and runs nothing."""
    style = resources("tillhand_cli.evidence").joinpath("page.css").read_text(encoding="utf-8")
    rows = "".join(_row(each) for each in report["criteria"])
    details = "".join(_details(each, out) for each in report["criteria"])
    columns = "".join(f'<th scope="col">{name}</th>' for name in ("State", "Criterion", "Threshold", "Found"))
    told = f"Measured {report['measured_at']} in {report['seconds']:.0f} s on {report['machine']}."
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Evidence: {escape(headline(report))}</title>
<style>{style}</style>
</head>
<body>
<main>
<h1>Evidence</h1>
<p class="head">{_badge(report["state"])} {escape(headline(report))}</p>
<p>{escape(told)}</p>
<div class="wide" tabindex="0" role="region" aria-label="All criteria">
<table>
<thead><tr>{columns}</tr></thead>
<tbody>{rows}</tbody>
</table>
</div>
{details}
</main>
</body>
</html>
"""


def _row(each: Mapping[str, Any]) -> str:
    title = f'<a href="#{escape(each["id"])}">{escape(each["title"])}</a>'
    cells = (_badge(each["state"]), title, escape(each["threshold"]), escape(each["summary"]))
    return f"<tr>{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>\n"


def _details(each: Mapping[str, Any], out: Path) -> str:
    links = ", ".join(f'<a href="{escape(name)}">{escape(name)}</a>' for name in each["files"]) or "none"
    return f"""<section id="{escape(each["id"])}">
<h2>{escape(each["title"])}</h2>
<p>{_badge(each["state"])} {escape(each["summary"])}</p>
<dl>
<dt>Threshold</dt><dd>{escape(each["threshold"])}</dd>
<dt>Promised in</dt><dd>{escape(each["source"])}</dd>
<dt>Look yourself</dt><dd><code>{escape(each["command"])}</code></dd>
<dt>Measured</dt><dd>{escape(each["measured_at"])}, in {each["seconds"]:.1f} s</dd>
<dt>Evidence</dt><dd>{links}</dd>
</dl>
{"".join(_excerpts(each, out))}
</section>
"""


def _excerpts(each: Mapping[str, Any], out: Path) -> Iterator[str]:
    """Charts, and the beginnings of small files."""
    for name in each["files"]:
        if name.endswith(".svg"):
            image = base64.b64encode((out / name).read_bytes()).decode("ascii")
            alternative = f"Latency of {escape(Path(name).stem)}; its figures stand below."
            yield f'<img alt="{alternative}" src="data:image/svg+xml;base64,{image}">\n'
        elif name in SHOWN:
            text = (out / name).read_text(encoding="utf-8")[:MOST_SHOWN]
            yield (
                f'<details open><summary>{escape(name)}</summary><pre tabindex="0" role="region" '
                f'aria-label="{escape(name)}">{escape(text)}</pre></details>\n'
            )


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def _badge(state: str) -> str:
    return f'<strong class="badge {escape(state)}">{escape(state)}: {escape(MARKS[state])}</strong>'
