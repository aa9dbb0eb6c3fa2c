"""What the routes take from the running application, and the small translations that they share.

The dependencies are coroutines, since FastAPI runs plain functions in a thread, which costs more than they do.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence

from fastapi import Request

from tillhand_common import context
from tillhand_common.security import Principal
from tillhand_rag.domain.filters import OPERATORS, Condition
from tillhand_rag.errors import InvalidCursor, InvalidFilter
from tillhand_rag.models.base import Comparison, Filters
from tillhand_rag.models.documents import Document
from tillhand_rag.ports.store import DocumentRecord
from tillhand_rag.service.corrections import Correcting
from tillhand_rag.service.insights import Insights
from tillhand_rag.service.replying import Replying
from tillhand_rag.service.routed import RoutedIngestion, RoutedRemoval, RoutedSearch, RoutedStore


async def store(request: Request) -> RoutedStore:
    """The store of the running application."""
    return request.app.state.rag.store  # type: ignore[no-any-return]  # app.py puts a KnowledgeBase there


async def ingestion(request: Request) -> RoutedIngestion:
    """The ingestion use case of the running application."""
    return request.app.state.rag.ingestion  # type: ignore[no-any-return]  # app.py puts a KnowledgeBase there


async def removal(request: Request) -> RoutedRemoval:
    """The removal use case of the running application."""
    return request.app.state.rag.removal  # type: ignore[no-any-return]  # app.py puts a KnowledgeBase there


async def search(request: Request) -> RoutedSearch:
    """The search use case of the running application."""
    return request.app.state.rag.search  # type: ignore[no-any-return]  # app.py puts a KnowledgeBase there


async def replying(request: Request) -> Replying:
    """The answering use case of the running application, kept answers included."""
    return request.app.state.rag.replying  # type: ignore[no-any-return]  # app.py puts a KnowledgeBase there


async def corrections(request: Request) -> Correcting:
    """The corrections of the running application."""
    return request.app.state.rag.corrections  # type: ignore[no-any-return]  # app.py puts a KnowledgeBase there


async def insights(request: Request) -> Insights:
    """What is asked of the running application."""
    return request.app.state.rag.insights  # type: ignore[no-any-return]  # app.py puts a KnowledgeBase there


def recorded_as(principal: Principal) -> str:
    """Under whose name it is kept who did something: in whose name the key acts, or the key's own id."""
    actor = context.actor()
    return principal.key_id if actor is None else actor.subject


def document_out(record: DocumentRecord) -> Document:
    """A stored document as it goes over the wire."""
    return Document(
        collection=record.collection,
        id=record.document_id,
        source=record.source,
        title=record.title,
        media_type=record.media_type,
        version=record.version,
        characters=record.characters,
        chunks=record.chunks,
        attributes=record.attributes,
        created_at=record.created_at,
        updated_at=record.updated_at,
    )


def conditions(filters: Filters, field: str = "body.filters") -> Sequence[Condition]:
    """The filters of a request as the domain's conditions; plain values mean equality. Raises `InvalidFilter`."""
    found: list[Condition] = []
    for attribute, wanted in filters.items():
        if not isinstance(wanted, Comparison):
            found.append(Condition(attribute, "eq", wanted))
            continue
        given = wanted.model_dump(by_alias=True, exclude_none=True)
        if not given:
            raise InvalidFilter("The filter compares with nothing.", field=f"{field}.{attribute}")
        found += [
            Condition(attribute, operator, tuple(given[operator]) if operator in {"in", "nin"} else given[operator])
            for operator in OPERATORS
            if operator in given
        ]
    return found


def encode_cursor(last_id: str) -> str:
    """An opaque cursor that continues after this id."""
    return base64.urlsafe_b64encode(last_id.encode()).decode().rstrip("=")


def decode_cursor(cursor: str | None) -> str | None:
    """The id to continue after. Raises `InvalidCursor` for anything that no list has given out."""
    if cursor is None:
        return None
    try:
        return base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
    except (binascii.Error, UnicodeDecodeError, ValueError) as error:
        raise InvalidCursor("The cursor comes from no list of documents.", field="cursor") from error
