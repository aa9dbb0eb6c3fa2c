"""Write what is generated from the code: tables of docs/, .env.example, rules and boards; with --check, only compare.

A table stands between `<!-- begin NAME -->` and `<!-- end NAME -->`; everything else in a document is a person's.
"""

from __future__ import annotations

import difflib
import re
import sys
import textwrap
from collections.abc import Callable, Sequence
from pathlib import Path

import boards
import yaml

import declarations
from tillhand_common.slo_rules import rules_text
from tillhand_common.slos import load_slos
from workspace import ROOT

Sections = dict[str, list[declarations.Row]]
HEADINGS = {"common": "Every service", "cli": "The command line", "containers": "deploy/compose.yaml"}


def table(header: Sequence[str], rows: list[declarations.Row]) -> str:
    """A Markdown table; cells keep their text, with the column separator escaped."""
    lines = ["| " + " | ".join(header) + " |", "|" + "---|" * len(header)]
    lines += ["| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in rows]
    return "\n".join(lines)


def sectioned(sections: Sections, header: Sequence[str], code: Sequence[int]) -> str:
    """One heading and table per member; the columns in `code` are set as code."""
    parts = []
    for name, rows in sections.items():
        shown = [tuple(f"`{cell}`" if at in code and cell else cell for at, cell in enumerate(row)) for row in rows]
        parts.append(f"### {HEADINGS.get(name, name)}\n\n{table(header, shown)}")
    return "\n\n".join(parts)


def container_rows() -> list[declarations.Row]:
    """What deploy/compose.yaml takes from the environment, as a person has written it: name, default, meaning."""
    written_there = (ROOT / "docs/settings.md").read_text().partition("\n## Containers\n")[2]
    table_text = written_there.partition("The Dockerfile's arguments")[0]
    return re.findall(r"^\| `([A-Z_]+)` \| `?(.*?)`? \| (.*) \|$", table_text, re.MULTILINE)


def environment_example() -> str:
    """Every variable with its default, commented out: a copy changes nothing until a line is edited."""
    lines = [
        "# Every setting, with its default. Copy to .env and uncomment what you change: commands called here read it.",
        "",
    ]
    sections = declarations.setting_rows()
    named = {row[0] for rows in sections.values() for row in rows}
    sections["containers"] = [row for row in container_rows() if row[0] not in named]
    for section, rows in sections.items():
        lines += [f"# --- {HEADINGS.get(section, section)} ---", ""]
        for name, default, meaning in rows:
            value = "" if "<" in default else default  # a shell would read the file that it points from
            lines += [
                *textwrap.wrap(meaning, 110, initial_indent="# ", subsequent_indent="# "),
                f"#{name}={value}",
                "",
            ]
    return "\n".join(lines).rstrip() + "\n"


def alert_rows() -> list[declarations.Row]:
    """Each alert once, by name: how urgent it is, what it says, and its runbook."""
    files = [ROOT / "deploy" / "prometheus" / name for name in ("alerts.yaml", "rules.yaml")]
    groups = [group for file in files for group in yaml.safe_load(file.read_text())["groups"]]
    found: dict[str, declarations.Row] = {}
    for rule in (rule for group in groups for rule in group["rules"] if "alert" in rule):
        meaning, book = rule["annotations"]["description"], Path(rule["annotations"]["runbook"])
        if rule["alert"].startswith("TillhandErrorBudgetBurn"):
            meaning = "An objective uses up its error budget faster than it may ([slos](../slos.md))."
            books: tuple[str, ...] = ("availability-burns", "latency-burns", "data-old")
        else:
            books = (book.stem,)
        links = ", ".join(f"[{name}]({name}.md)" for name in books)
        found[rule["alert"]] = (
            rule["alert"],
            rule["labels"]["severity"],
            meaning.replace("{{ $value }} b", "B"),
            links,
        )
    return [found[name] for name in sorted(found)]


TABLES: dict[tuple[str, str], Callable[[], str]] = {
    ("docs/settings.md", "settings"): lambda: sectioned(
        declarations.setting_rows(), ("variable", "default", "meaning"), code=(0, 1)
    ),
    ("docs/errors.md", "errors"): lambda: sectioned(
        declarations.problem_rows(), ("type", "status", "title", "meaning"), code=(0,)
    ),
    ("docs/metrics.md", "metrics"): lambda: sectioned(
        declarations.metric_rows(), ("metric", "kind", "labels", "meaning"), code=(0, 2)
    ),
    ("docs/api.md", "routes"): lambda: sectioned(
        declarations.route_rows(), ("method", "path", "scopes", "what it does"), code=(0, 1, 2)
    ),
    ("docs/slos.md", "objectives"): lambda: sectioned(
        declarations.slo_rows(), ("objective", "route", "promise", "window", "meaning"), code=(0, 1)
    ),
    ("docs/runbooks/README.md", "alerts"): lambda: sectioned(
        {"Each by its name": alert_rows()}, ("alert", "severity", "when", "runbook"), code=(0,)
    ),
    ("docs/cli.md", "commands"): lambda: table(
        ("command", "what it does"), [(f"`{usage}`", text) for usage, text in declarations.command_rows()]
    ),
}


def with_table(document: str, name: str, content: str) -> str:
    """The document with the text between its two markers replaced."""
    marked = re.compile(rf"(<!-- begin {name} -->\n).*?(<!-- end {name} -->)", re.DOTALL)
    replaced, count = marked.subn(lambda match: f"{match[1]}\n{content}\n\n{match[2]}", document)
    if count != 1:
        raise SystemExit(f"expected one pair of markers for {name}, found {count}")
    return replaced


def written() -> dict[str, str]:
    """Every generated file by path, as it should be now."""
    declarations.forget_environment()
    documents = {path: (ROOT / path).read_text() for path, _ in TABLES}
    for (path, name), content in TABLES.items():
        documents[path] = with_table(documents[path], name, content())
    rules = rules_text(load_slos(ROOT / "slos").values())
    pages = {str(path.relative_to(ROOT)): text for path, text in boards.pages().items()}
    return {**documents, ".env.example": environment_example(), "deploy/prometheus/rules.yaml": rules, **pages}


def differences(path: str, wanted: str) -> list[str]:
    present = (ROOT / path).read_text().splitlines() if (ROOT / path).exists() else []
    return list(difflib.unified_diff(present, wanted.splitlines(), path, f"{path} (from the code)", lineterm="", n=0))


def main() -> int:
    stale = 0
    for path, text in written().items():
        found = differences(path, text)
        if found and "--check" in sys.argv[1:]:
            print("\n".join(found))
        elif found:
            (ROOT / path).write_text(text)
            print(path)
        stale += bool(found)
    if stale and "--check" in sys.argv[1:]:
        print("the documents differ from the code: run `make docs`")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
