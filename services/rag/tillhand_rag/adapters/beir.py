"""Test collections in BEIR's layout: `corpus.jsonl`, `queries.jsonl` and `qrels/SPLIT.tsv` in one folder."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tillhand_rag.domain.evaluation import InvalidData, JudgedQuery

_QRELS_COLUMNS = 3


@dataclass(frozen=True, slots=True)
class BeirDocument:
    """A document of the corpus; `title` may be empty, `text` or title is not."""

    id: str
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class BeirData:
    """A collection: documents, the queries that the split judges, and its graded judgements by query and document."""

    documents: list[BeirDocument]
    queries: list[JudgedQuery]
    qrels: dict[str, dict[str, int]]


def load_beir(folder: Path, split: str = "test") -> BeirData:
    """Read a folder whole. Queries come from every `queries*.jsonl`, for some publish a file for each split.

    The words that answer a query are its `metadata.answers`: texts, or objects with a `text`. A `metadata.answer` is
    left alone: where it exists, it is an answer in somebody's own words. Raises `InvalidData` naming file and line.
    """
    qrels = _qrels(folder / "qrels" / f"{split}.tsv")
    documents = [_document(record, where) for where, record in _records(folder / "corpus.jsonl")]
    asked = [_query(record, where) for path in _query_files(folder) for where, record in _records(path)]
    queries = list({query.id: query for query in asked if query.id in qrels}.values())
    if not documents:
        raise InvalidData(f"{folder / 'corpus.jsonl'}: no documents")
    if missing := qrels.keys() - {query.id for query in queries}:
        raise InvalidData(f"{folder}: no text for the judged query {min(missing)!r} and {len(missing) - 1} more")
    return BeirData(documents, queries, qrels)


def _query_files(folder: Path) -> list[Path]:
    return sorted(folder.glob("queries*.jsonl")) or [folder / "queries.jsonl"]


def _lines(path: Path) -> Iterator[tuple[str, str]]:
    """Each line that is not blank, with where it stands."""
    try:
        with path.open(encoding="utf-8") as file:
            for number, line in enumerate(file, start=1):
                if line.strip():
                    yield f"{path}:{number}", line
    except FileNotFoundError as error:
        raise InvalidData(f"{path}: there is no such file") from error
    except UnicodeDecodeError as error:
        raise InvalidData(f"{path}: not UTF-8 text") from error


def _records(path: Path) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for where, line in _lines(path):
        try:
            record = json.loads(line)
        except json.JSONDecodeError as error:
            raise InvalidData(f"{where}: not JSON: {error.msg}") from error
        if not isinstance(record, dict):
            raise InvalidData(f"{where}: not a JSON object")
        yield where, record


def _text(record: Mapping[str, Any], key: str, where: str, *, default: str | None = None) -> str:
    value = record.get(key, default)
    if not isinstance(value, str):
        raise InvalidData(f"{where}: {key!r} is {'missing' if value is None else 'not a string'}")
    return value


def _document(record: Mapping[str, Any], where: str) -> BeirDocument:
    document = BeirDocument(
        _text(record, "_id", where), _text(record, "title", where, default=""), _text(record, "text", where)
    )
    if not (document.title.strip() or document.text.strip()):
        raise InvalidData(f"{where}: neither title nor text")
    return document


def _query(record: Mapping[str, Any], where: str) -> JudgedQuery:
    return JudgedQuery(_text(record, "_id", where), _text(record, "text", where), _known_answers(record, where))


def _known_answers(record: Mapping[str, Any], where: str) -> tuple[str, ...]:
    metadata = record.get("metadata") or {}
    if not isinstance(metadata, dict):
        raise InvalidData(f"{where}: 'metadata' is not an object")
    answers = metadata.get("answers") or []
    if not isinstance(answers, list):
        raise InvalidData(f"{where}: 'metadata.answers' is not a list")
    return tuple(_text(each if isinstance(each, dict) else {"text": each}, "text", where) for each in answers)


def _qrels(path: Path) -> dict[str, dict[str, int]]:
    qrels: dict[str, dict[str, int]] = {}
    for index, (where, line) in enumerate(_lines(path)):
        columns = line.rstrip("\r\n").split("\t")
        if len(columns) != _QRELS_COLUMNS:
            raise InvalidData(f"{where}: {len(columns)} columns, not query-id, corpus-id and score between tabs")
        query, document, score = columns
        if index == 0 and score == "score":
            continue
        try:
            qrels.setdefault(query, {})[document] = int(score)
        except ValueError as error:
            raise InvalidData(f"{where}: the score {score!r} is no whole number") from error
    if not qrels:
        raise InvalidData(f"{path}: no judgements")
    return qrels
