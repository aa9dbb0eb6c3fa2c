"""`tillhand ask` and `tillhand search`: questions to the knowledge base."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape

from tillhand_cli.context import CollectionOption, JsonOption, KeyFileOption, RagUrlOption, connect
from tillhand_cli.errors import CommandError, ExitCode
from tillhand_cli.output import output

FilterOption = Annotated[
    list[str] | None,
    typer.Option(
        "--filter",
        "-f",
        metavar="ATTRIBUTE=VALUE",
        help='Only documents with this attribute, such as brand=Aster; compare with JSON: price_minor={"lte":5000}.',
    ),
]
ModeOption = Annotated[str, typer.Option(help="hybrid, dense (by meaning) or keyword (by words).")]


def ask(
    question: Annotated[str, typer.Argument(help="The question, in quotes.")],
    collection: CollectionOption = "default",
    filters: FilterOption = None,
    mode: ModeOption = "hybrid",
    url: RagUrlOption = None,
    key_file: KeyFileOption = None,
    as_json: JsonOption = False,
) -> None:
    """Answer a question from the sources, in their own words.

    Every sentence is a quote with its source and exact place. When the sources do not hold an answer,
    that is said and the exit code is 5.
    """
    body = {"question": question, "collection": collection, "mode": mode, "filters": parse_filters(filters or [])}
    answer = asyncio.run(_post("/v1/answers", body, url, key_file, holding="answered"))
    output(as_json=as_json).result(answer, lambda console: _show_answer(console, answer))
    if not answer["answered"]:
        raise typer.Exit(ExitCode.NOTHING_FOUND)


def search(
    query: Annotated[str, typer.Argument(help="What to look for, in quotes.")],
    collection: CollectionOption = "default",
    filters: FilterOption = None,
    mode: ModeOption = "hybrid",
    top_k: Annotated[int, typer.Option("--top-k", "-k", min=1, max=200, help="How many passages.")] = 5,
    url: RagUrlOption = None,
    key_file: KeyFileOption = None,
    as_json: JsonOption = False,
) -> None:
    """Find passages, best first, each with the reason why it was found."""
    body = {
        "query": query,
        "collection": collection,
        "mode": mode,
        "filters": parse_filters(filters or []),
        "top_k": top_k,
    }
    found = asyncio.run(_post("/v1/search", body, url, key_file, holding="hits"))
    output(as_json=as_json).result(found, lambda console: _show_hits(console, found))
    if not found["hits"]:
        raise typer.Exit(ExitCode.NOTHING_FOUND)


def parse_filters(given: list[str]) -> dict[str, Any]:
    """Filters of the command line as the service takes them; a value that is JSON is taken as such."""
    filters: dict[str, Any] = {}
    for item in given:
        attribute, equals, value = item.partition("=")
        if not equals or not attribute:
            raise CommandError(f"--filter {item}: write ATTRIBUTE=VALUE.", code=ExitCode.USAGE)
        try:
            filters[attribute] = json.loads(value)
        except json.JSONDecodeError:
            filters[attribute] = value
    return filters


async def _post(
    path: str, body: dict[str, Any], url: str | None, key_file: Path | None, *, holding: str
) -> dict[str, Any]:
    async with connect(url, key_file) as api:
        return await api.post(path, body, holding=holding)


def _show_answer(console: Console, answer: dict[str, Any]) -> None:
    if not answer["answered"]:
        console.print("[bold]Not in the sources.[/bold]")
        console.print(f"Confidence {answer['confidence']:.2f}, and an answer needs {answer['threshold']:.2f}.")
    else:
        console.print(f"[bold]{escape(answer['answer'])}[/bold]", highlight=False)
    for number, citation in enumerate(answer["citations"], 1):
        console.print(f"\n[{number}] {escape(_place(citation))}", highlight=False, markup=False)
        console.print(f"    “{citation['quote']}”", highlight=False, markup=False)
    _show_times(console, answer["times_ms"])


def _show_hits(console: Console, found: dict[str, Any]) -> None:
    if not found["hits"]:
        console.print("Nothing found.")
    for number, hit in enumerate(found["hits"], 1):
        console.print(f"\n{number}. {_place(hit)}  score {hit['score']:.3f}", highlight=False, markup=False)
        console.print(f"   {_why(hit['why'])}", highlight=False, markup=False, style="dim")
        console.print(f"   {_shortened(hit['text'])}", highlight=False, markup=False)
    _show_times(console, found["times_ms"])


def _place(item: dict[str, Any]) -> str:
    place = " > ".join(filter(None, [item["title"], *(part for part in item["heading_path"] if part != item["title"])]))
    page = f", page {item['page']}" if item["page"] else ""
    return f"{place} ({item['source']}{page}, characters {item['start']}–{item['end']})"  # noqa: RUF001  # a range


def _why(why: dict[str, Any]) -> str:
    reasons = []
    if why["dense_rank"]:
        reasons.append(f"meaning: place {why['dense_rank']}, cosine {why['dense_score']:.2f}")
    if why["keyword_rank"]:
        reasons.append(f"words: place {why['keyword_rank']}, BM25 {why['keyword_score']:.1f}")
    if why["matched_terms"]:
        reasons.append("matched " + ", ".join(why["matched_terms"]))
    return "; ".join(reasons)


def _shortened(text: str, limit: int = 240) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= limit else flat[: limit - 1] + "…"


def _show_times(console: Console, times: dict[str, float]) -> None:
    console.print(
        f"\n{times['total']:.1f} ms (embedding {times['embed']:.1f}, retrieval {times['retrieve']:.1f})", style="dim"
    )
