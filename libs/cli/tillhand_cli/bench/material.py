"""Where the questions of a load run come from: a file of golden questions, or the titles and headings stored."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode

from tillhand_cli.api import Api
from tillhand_cli.bench.plan import Material
from tillhand_cli.errors import CommandError, ExitCode
from tillhand_common.yaml_file import YamlError, read_yaml

MOST_DOCUMENTS: Final = 500
SEARCHED_TITLES: Final = 20
LONGEST_QUESTION: Final = 500
"""Characters; what somebody asks is shorter, and a title may be a whole paragraph."""


def golden_questions(path: Path) -> list[str]:
    """The questions of a file as `rag evaluate` takes it; their filters are left out. Raises CommandError."""
    try:
        content = read_yaml(path)
    except YamlError as error:
        raise CommandError(str(error), code=ExitCode.USAGE) from error
    listed = content.get("questions") if isinstance(content, dict) else None
    found = [item["question"] for item in listed or () if isinstance(item, dict) and item.get("question")]
    if not found:
        raise CommandError(f"{path}: questions: there is no list of questions here.", code=ExitCode.USAGE)
    return [str(question)[:LONGEST_QUESTION] for question in found]


async def gather(api: Api, collection: str, questions: list[str] | None) -> Material:
    """The material of a collection; without questions of its own, its titles and headings. Raises CommandError."""
    page = await api.get(
        f"/v1/documents?{urlencode({'collection': collection, 'limit': MOST_DOCUMENTS})}", holding="items"
    )
    documents = page["items"]
    if not documents:
        raise CommandError(
            f"The collection {collection} holds no documents to ask about.",
            code=ExitCode.NOTHING_FOUND,
            hint="Put some in with: tillhand ingest PATH   or name another one by --collection.",
        )
    questions = questions or await _stored_questions(api, collection, [each["title"] for each in documents])
    return Material(collection, questions, [each["id"] for each in documents])


async def _stored_questions(api: Api, collection: str, titles: list[str]) -> list[str]:
    found: dict[str, None] = dict.fromkeys(filter(None, titles))
    for title in list(found)[:SEARCHED_TITLES]:
        answer = await api.post(
            "/v1/search", {"query": title[:LONGEST_QUESTION], "collection": collection}, holding="hits"
        )
        found |= dict.fromkeys(_headings(answer["hits"]))
    return [text[:LONGEST_QUESTION] for text in found] or [collection]


def _headings(hits: list[dict[str, Any]]) -> Iterator[str]:
    for hit in hits:
        yield from (heading for heading in hit["heading_path"] if heading.strip())
