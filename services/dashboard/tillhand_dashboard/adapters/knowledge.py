"""The knowledge base over HTTP."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from typing import Any, Final, TypeVar
from urllib.parse import quote

from tillhand_dashboard.adapters.gateway import Call, Gateway, given
from tillhand_dashboard.domain.accounts import Person
from tillhand_dashboard.domain.results import Failure, Found, Result
from tillhand_dashboard.ports.approvals import Relayed
from tillhand_dashboard.ports.knowledge_views import (
    AnswerView,
    CollectionsView,
    CorrectionChangeView,
    CorrectionHistoryView,
    CorrectionsView,
    CorrectionView,
    DocumentsView,
    DocumentView,
    EvaluationsView,
    EvaluationView,
    GoldensView,
    IngestionView,
    PassageView,
    SpanView,
)
from tillhand_dashboard.ports.views import Row, Upload, View

V = TypeVar("V", bound=View)
READ: Final = "rag:read"
WRITE: Final = "rag:write"
_PAGES_OF_HISTORY: Final = 5


class HttpKnowledge:
    """Asks services/rag."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway

    async def search(
        self, person: Person, query: str, collection: str, top_k: int = 10
    ) -> Result[Sequence[PassageView]]:
        """Passages, best first."""
        body = {"query": query, "collection": collection, "top_k": top_k}
        return await self._gateway.ask(person, READ, ("POST", "/v1/search"), _passages, json=body)

    async def answer(self, person: Person, question: str, collection: str) -> Result[AnswerView]:
        """An answer from the sources alone."""
        body = {"question": question, "collection": collection}
        return await self._gateway.ask(person, READ, ("POST", "/v1/answers"), AnswerView.model_validate, json=body)

    async def answer_stream(
        self, person: Person, question: str, collection: str
    ) -> AsyncGenerator[Relayed | Failure, None]:
        """The same as events: `sources`, a `token` for each sentence, `done`; a failure ends it."""
        body = {"question": question, "collection": collection}
        async with aclosing(self._gateway.stream(person, READ, ("POST", "/v1/answers"), json=body)) as events:
            async for event in events:
                if isinstance(event, Failure) or event.name != "open":
                    yield event

    async def feedback(self, person: Person, answer_id: str, rating: str, comment: str = "") -> Result[None]:
        """Say whether an answer helped."""
        call: Call = ("POST", f"/v1/answers/{_part(answer_id)}/feedback")
        return await self._gateway.ask(person, READ, call, _nothing, json=given({"rating": rating, "comment": comment}))

    async def documents(self, person: Person, collection: str, cursor: str | None = None) -> Result[DocumentsView]:
        """A page of documents."""
        params = given({"collection": collection, "cursor": cursor})
        return await self._read(person, "/v1/documents", DocumentsView, params)

    async def document(self, person: Person, document_id: str, collection: str) -> Result[DocumentView]:
        """A document without its text."""
        return await self._read(person, f"/v1/documents/{_part(document_id)}", DocumentView, {"collection": collection})

    async def ingest(self, person: Person, files: Sequence[Upload], collection: str, key: str) -> Result[IngestionView]:
        """Have files read as a job."""
        return await self._gateway.ask(
            person,
            WRITE,
            ("POST", "/v1/ingestions"),
            IngestionView.model_validate,
            files=[("file", (file.name, file.content, file.media_type)) for file in files],
            data={"collection": collection},
            idempotency_key=key,
        )

    async def ingestion(self, person: Person, ingestion_id: str) -> Result[IngestionView]:
        """How far a job is."""
        return await self._read(person, f"/v1/ingestions/{_part(ingestion_id)}", IngestionView, {})

    async def ingestion_stream(self, person: Person, ingestion_id: str) -> AsyncGenerator[Relayed | Failure, None]:
        """The same as events: `progress` after each step, `done` at the end."""
        call: Call = ("GET", f"/v1/ingestions/{_part(ingestion_id)}")
        async with aclosing(self._gateway.stream(person, READ, call)) as events:
            async for event in events:
                yield event

    async def text(self, person: Person, document_id: str, collection: str, start: int, end: int) -> Result[SpanView]:
        """A span of a document's text."""
        call: Call = ("GET", f"/v1/documents/{_part(document_id)}/text")
        params: dict[str, str | int] = {"collection": collection, "start": start, "end": end}
        return await self._gateway.ask(person, READ, call, SpanView.model_validate, params=params)

    async def upload(self, person: Person, file: Upload, collection: str, key: str) -> Result[Row]:
        """Put a file into the knowledge base."""
        return await self._gateway.ask(
            person,
            WRITE,
            ("POST", "/v1/documents"),
            _row,
            files={"file": (file.name, file.content, file.media_type)},
            data={"collection": collection},
            idempotency_key=key,
        )

    async def delete(self, person: Person, document_id: str, collection: str) -> Result[None]:
        """Remove a document."""
        call: Call = ("DELETE", f"/v1/documents/{_part(document_id)}")
        return await self._gateway.ask(person, WRITE, call, _nothing, params={"collection": collection})

    async def corrections(self, person: Person, collection: str, cursor: str | None = None) -> Result[CorrectionsView]:
        """A page of corrections."""
        params = given({"collection": collection, "cursor": cursor})
        return await self._read(person, "/v1/corrections", CorrectionsView, params)

    async def correct(self, person: Person, correction: Row, key: str) -> Result[Row]:
        """Write a correction."""
        call: Call = ("POST", "/v1/corrections")
        return await self._gateway.ask(person, WRITE, call, _row, json=correction, idempotency_key=key)

    async def correction(self, person: Person, correction_id: str, collection: str) -> Result[CorrectionView]:
        """A correction, its sources checked now."""
        params = {"collection": collection}
        return await self._read(person, f"/v1/corrections/{_part(correction_id)}", CorrectionView, params)

    async def rewrite(self, person: Person, correction_id: str, correction: Row, version: int) -> Result[Row]:
        """Write the next version of a correction, if this is still the one that is in force."""
        call: Call = ("PUT", f"/v1/corrections/{_part(correction_id)}")
        return await self._gateway.ask(person, WRITE, call, _row, json=correction, headers=_if_match(version))

    async def correction_history(
        self, person: Person, correction_id: str, collection: str
    ) -> Result[CorrectionHistoryView]:
        """What became of a correction, deleted or not; the first thousand changes."""
        call: Call = ("GET", f"/v1/corrections/{_part(correction_id)}/history")
        items: list[CorrectionChangeView] = []
        cursor: str | None = None
        for _ in range(_PAGES_OF_HISTORY):
            params = given({"collection": collection, "limit": 200, "cursor": cursor})
            page = await self._gateway.ask(person, WRITE, call, CorrectionHistoryView.model_validate, params=params)
            if isinstance(page, Failure):
                return page
            items += page.value.items
            cursor = page.value.next_cursor
            if cursor is None:
                break
        return Found(CorrectionHistoryView(items=items, next_cursor=cursor))

    async def forget_correction(
        self, person: Person, correction_id: str, collection: str, version: int | None = None
    ) -> Result[None]:
        """Delete a correction, if it still has this version; its history stays."""
        call: Call = ("DELETE", f"/v1/corrections/{_part(correction_id)}")
        headers = {} if version is None else _if_match(version)
        params = {"collection": collection}
        return await self._gateway.ask(person, WRITE, call, _nothing, params=params, headers=headers)

    async def collections(self, person: Person) -> Result[CollectionsView]:
        """The collections that there are."""
        return await self._read(person, "/v1/collections", CollectionsView, {})

    async def goldens(self, person: Person, collection: str) -> Result[GoldensView]:
        """The golden questions of a collection."""
        return await self._read(person, "/v1/goldens", GoldensView, {"collection": collection})

    async def evaluate(self, person: Person, collection: str, key: str) -> Result[EvaluationView]:
        """Ask the golden questions of a collection."""
        call: Call = ("POST", "/v1/evaluations")
        body = {"collection": collection}
        return await self._gateway.ask(
            person, WRITE, call, EvaluationView.model_validate, json=body, idempotency_key=key
        )

    async def evaluations(self, person: Person, cursor: str | None = None) -> Result[EvaluationsView]:
        """Golden results, the newest first."""
        return await self._read(person, "/v1/evaluations", EvaluationsView, given({"cursor": cursor}))

    async def _read(self, person: Person, path: str, view: type[V], params: Mapping[str, str]) -> Result[V]:
        return await self._gateway.ask(person, READ, ("GET", path), view.model_validate, params=params)


def _part(name: str) -> str:
    """A part of a path, whatever it holds; `.` and `..` would lead elsewhere even when quoted."""
    return quote(name, safe="").replace(".", "%2E") if name.strip(".") == "" else quote(name, safe="")


def _if_match(version: int) -> Mapping[str, str]:
    return {"if-match": f'"{version}"'}


def _passages(document: Any) -> Sequence[PassageView]:  # noqa: ANN401  # any JSON
    return [PassageView.model_validate(each) for each in document["hits"]]


def _row(document: Any) -> Row:  # noqa: ANN401  # any JSON
    return dict(document)


def _nothing(document: Any) -> None:  # noqa: ANN401  # any JSON
    del document
