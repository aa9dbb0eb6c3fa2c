"""`knowledge_*`: the platform's knowledge base as tools and resources."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Final, Literal
from urllib.parse import quote, unquote

from pydantic import BaseModel, ConfigDict, Field

from tillhand_common.clock import Clock
from tillhand_common.errors import UpstreamError, UpstreamRejected
from tillhand_common.http import UpstreamClient
from tillhand_mcp.adapters.upstreams.platform import PlatformService
from tillhand_mcp.domain.origins import ConnectorState, Missing, Origin
from tillhand_mcp.domain.tools import Content, Resource
from tillhand_mcp.errors import ToolRefused
from tillhand_mcp.ports.connector import Answer, AnyTool, ReadTool
from tillhand_mcp.ports.toolbox import Caller, Progress

SCHEME: Final = "knowledge"
PAGE: Final = 100
LONGEST_PASSAGE: Final = 600
NOT_FOUND: Final = 404
_MISSING: Final = Missing("TILLHAND_RAG_URL", "The address of services/rag; `make up` sets it.")
Collection = Annotated[str, Field(pattern=r"^[a-z0-9](?:[a-z0-9_-]{0,62}[a-z0-9])?$")]


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Search(_Model):
    """What is looked for."""

    query: Annotated[str, Field(min_length=1, max_length=1_000)]
    collection: Collection = "default"
    mode: Literal["hybrid", "dense", "keyword"] = "hybrid"
    top_k: Annotated[int, Field(ge=1, le=20)] = 5


class Passage(_Model):
    """A passage, and where it stands: `text[start:end]` of that document."""

    document_id: str
    title: str
    source: str
    heading: str
    start: int
    end: int
    text: str
    score: float


class Passages(_Model):
    """Passages, best first."""

    passages: list[Passage]


class Question(_Model):
    """What is asked."""

    question: Annotated[str, Field(min_length=1, max_length=1_000)]
    collection: Collection = "default"


class Quote(_Model):
    """An exact quote from a source."""

    document_id: str
    title: str
    source: str
    start: int
    end: int
    quote: str


class Reply(_Model):
    """An answer from the sources alone; `answer` is null where they hold none."""

    answered: bool
    answer: str | None
    confidence: float
    citations: list[Quote]


class Span(_Model):
    """A part of a document's text."""

    document_id: Annotated[str, Field(min_length=1, max_length=300)]
    collection: Collection = "default"
    start: Annotated[int, Field(ge=0, le=10**9)] = 0
    length: Annotated[int, Field(ge=1, le=20_000)] = 4_000


class Text(_Model):
    """A part of a document's text, and how long the whole is."""

    document_id: str
    start: int
    end: int
    characters: int
    text: str


class KnowledgeConnector:
    """services/rag, asked with a key of the platform's own."""

    id = "knowledge"
    title = "Knowledge base"
    scheme = SCHEME

    def __init__(self, client: UpstreamClient | None, clock: Clock) -> None:
        self._service = PlatformService(client, clock, absent="No knowledge base is connected.", missing=_MISSING)
        self._clock = clock

    def tools(self) -> Sequence[AnyTool]:
        """Search, answers, and the text itself."""
        found: Sequence[ReadTool[Any]] = (
            ReadTool(
                "knowledge_search",
                "Search the knowledge base",
                "Find passages of the shop's documents and product pages: policies, manuals, guides. "
                "Quote them with their document id and span.",
                Search,
                Passages,
                self._search,
                open_world=False,
            ),
            ReadTool(
                "knowledge_answer",
                "Answer from the knowledge base",
                "Answer a question from the shop's own sources alone, with exact quotes. "
                "Where `answered` is false the sources hold no answer: do not make one up.",
                Question,
                Reply,
                self._answer,
                open_world=False,
            ),
            ReadTool(
                "knowledge_document",
                "Read a document",
                "Read the text of a document of the knowledge base, or a part of it, by its id.",
                Span,
                Text,
                self._document,
                open_world=False,
            ),
        )
        return found

    async def state(self) -> ConnectorState:
        """How it stands, from what is known already."""
        return await self._service.state()

    async def check(self) -> ConnectorState:
        """Ask whether it is ready."""
        return await self._service.check()

    async def aclose(self) -> None:
        """Close all connections."""
        await self._service.aclose()

    async def resources(self, caller: Caller, cursor: str | None) -> tuple[Sequence[Resource], str | None]:  # noqa: ARG002  # the port's
        """A page of documents."""
        client = self._service.client
        if client is None:
            return (), None
        params: dict[str, str | int] = {"limit": PAGE, **({} if cursor is None else {"cursor": cursor})}
        try:
            listed = (await client.request("GET", "/v1/documents", params=params)).json()
        except UpstreamError:
            return (), None
        found = [
            Resource(f"{SCHEME}://{quote(each['id'], safe='')}", each["id"], each.get("title") or each["id"])
            for each in listed["items"]
        ]
        return found, listed.get("next_cursor")

    async def read(self, caller: Caller, uri: str) -> Content | None:  # noqa: ARG002  # the port's
        """The text of a document."""
        name = unquote(uri.removeprefix(f"{SCHEME}://"))
        client = self._service.client
        if client is None or not name:
            return None
        path = f"/v1/documents/{quote(name, safe='')}/text"
        found = await client.request("GET", path, accept=frozenset({NOT_FOUND}))
        return None if found.status == NOT_FOUND else Content(uri, "text/markdown", found.json()["text"])

    async def _search(self, caller: Caller, given: Search, progress: Progress) -> Answer:  # noqa: ARG002  # the port's
        body = {**given.model_dump(), "filters": {}}
        found = await self._post("/v1/search", body)
        passages = [
            Passage(
                document_id=each["document_id"],
                title=each["title"],
                source=each["source"],
                heading=" > ".join(each["heading_path"]),
                start=each["start"],
                end=each["end"],
                text=each["text"],
                score=each["score"],
            )
            for each in found["hits"]
        ]
        told = "\n\n".join(f"[{n}] {each.title}: {_cut(each.text)}" for n, each in enumerate(passages, 1))
        return Answer(Passages(passages=passages), told or "Nothing was found.", self._origin())

    async def _answer(self, caller: Caller, given: Question, progress: Progress) -> Answer:  # noqa: ARG002  # the port's
        found = await self._post("/v1/answers", given.model_dump())
        names = tuple(Quote.model_fields)
        quotes = [Quote(**{name: each[name] for name in names}) for each in found["citations"]]
        reply = Reply(
            answered=found["answered"], answer=found["answer"], confidence=found["confidence"], citations=quotes
        )
        return Answer(reply, reply.answer or "The sources hold no answer to this.", self._origin())

    async def _document(self, caller: Caller, given: Span, progress: Progress) -> Answer:  # noqa: ARG002  # the port's
        path = f"/v1/documents/{quote(given.document_id, safe='')}"
        whole = int((await self._get(path, {"collection": given.collection}))["characters"])
        start = min(given.start, whole)
        end = min(start + given.length, whole)
        params: dict[str, str | int] = {"collection": given.collection, "start": start, "end": end}
        found = await self._get(f"{path}/text", params)
        text = Text(document_id=given.document_id, start=start, end=end, characters=whole, text=found["text"])
        return Answer(text, text.text, self._origin(truncated=end < whole))

    async def _post(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        client = self._service.connected()
        try:
            key = secrets.token_hex(16)  # asking twice is asking once: this reads
            answer = await client.request("POST", path, json=body, timeout_s=30.0, idempotency_key=key)
            found: dict[str, Any] = answer.json()
        except UpstreamRejected as error:
            raise _refused(error) from error
        self._service.answered()
        return found

    async def _get(self, path: str, params: dict[str, str | int]) -> dict[str, Any]:
        client = self._service.connected()
        try:
            found: dict[str, Any] = (await client.request("GET", path, params=params)).json()
        except UpstreamRejected as error:
            raise _refused(error) from error
        self._service.answered()
        return found

    def _origin(self, *, truncated: bool = False) -> Origin:
        return Origin(self.id, "live", self._clock.now(), truncated=truncated)


def _refused(error: UpstreamRejected) -> ToolRefused:
    if error.upstream_status == NOT_FOUND:
        return ToolRefused("There is no such document or collection.", extensions={"reason": "not-found"})
    return ToolRefused(f"The knowledge base refused: status {error.upstream_status}.")


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST_PASSAGE else f"{text[:LONGEST_PASSAGE].rsplit(' ', 1)[0]} …"
