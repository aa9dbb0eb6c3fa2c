"""What a load run asks: sorts of requests, each with a share, in an order that a seed decides."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Protocol
from urllib.parse import quote, urlencode

from tillhand_common.http import Method

ASKED_AGAIN: Final = 20
"""Questions that are asked again and again, so that their embeddings are found in the cache."""
UPLOAD_WORDS: Final = 300
PAGE: Final = 50


@dataclass(frozen=True, slots=True)
class Kind:
    """A sort of request: its route, what sets it apart from others of that route, and its share of the load."""

    id: str
    method: Method
    template: str
    variant: str
    share: int

    @property
    def route(self) -> str:
        """Method and template, as objectives name it."""
        return f"{self.method} {self.template}"

    @property
    def label(self) -> str:
        """The route, and the variant where there are several."""
        return f"{self.route} ({self.variant})" if self.variant else self.route


SEARCH_NEW: Final = Kind("search-new", "POST", "/v1/search", "new question", 30)
SEARCH_AGAIN: Final = Kind("search-again", "POST", "/v1/search", "asked before", 20)
ANSWER: Final = Kind("answer", "POST", "/v1/answers", "", 25)
LIST: Final = Kind("list", "GET", "/v1/documents", "", 10)
TEXT: Final = Kind("text", "GET", "/v1/documents/{document_id}/text", "", 15)
UPLOAD: Final = Kind("upload", "POST", "/v1/documents", "", 10)
READING: Final = (SEARCH_NEW, SEARCH_AGAIN, ANSWER, LIST, TEXT)


@dataclass(frozen=True, slots=True)
class Request:
    """One request as it is sent; `body` is sent as JSON."""

    kind: Kind
    path: str
    body: Mapping[str, Any] | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


class Planned(Protocol):
    """The requests of a run."""

    @property
    def kinds(self) -> Sequence[Kind]:
        """All sorts that it asks."""
        ...

    def warm_up(self, count: int) -> list[Request]:
        """What goes before those that count."""
        ...

    def mix(self, count: int) -> list[Request]:
        """So many requests, each kind as often as its share says."""
        ...


@dataclass(frozen=True, slots=True)
class Material:
    """What requests are made of: questions, and ids of documents, all of one collection."""

    collection: str
    questions: Sequence[str]
    document_ids: Sequence[str]


class Plan:
    """The requests of a run against the knowledge base, made from the material in an order that the seed decides.

    `token` is new in each run and goes into every new question: the service keeps embeddings, so that a question of an
    earlier run would be found in its cache. Uploads go into the collection `scratch`; without it there are none.
    """

    def __init__(self, material: Material, *, seed: int, token: str, scratch: str | None = None) -> None:
        self._material = material
        self._token = token
        self._scratch = scratch
        self._random = random.Random(seed)  # noqa: S311  # an order to repeat, no secret
        self._made = 0
        questions = list(material.questions)
        self._random.shuffle(questions)
        self._again = questions[:ASKED_AGAIN]
        self._kinds = READING if scratch is None else (*READING, UPLOAD)

    @property
    def kinds(self) -> Sequence[Kind]:
        """All sorts that it asks."""
        return self._kinds

    def warm_up(self, count: int) -> list[Request]:
        """The questions that are asked again, each once, and a mix of so many on top."""
        return [self._search(SEARCH_AGAIN, question) for question in self._again] + self.mix(count)

    def mix(self, count: int) -> list[Request]:
        """So many requests, each kind as often as its share says."""
        return [self._request(kind) for kind in shuffled(self._random, count, self._kinds)]

    def _request(self, kind: Kind) -> Request:
        self._made += 1
        collection = self._material.collection
        if kind is SEARCH_AGAIN:
            return self._search(kind, self._random.choice(self._again))
        if kind is SEARCH_NEW:
            return self._search(kind, self._new_question())
        if kind is ANSWER:
            return Request(kind, kind.template, {"question": self._new_question(), "collection": collection})
        if kind is LIST:
            return Request(kind, f"{kind.template}?{urlencode({'collection': collection, 'limit': PAGE})}")
        if kind is UPLOAD:
            return self._upload()
        document_id = quote(self._random.choice(self._material.document_ids), safe="")
        path = kind.template.replace("{document_id}", document_id)
        return Request(kind, f"{path}?{urlencode({'collection': collection})}")

    def _search(self, kind: Kind, question: str) -> Request:
        return Request(kind, kind.template, {"query": question, "collection": self._material.collection})

    def _new_question(self) -> str:
        return f"{self._random.choice(self._material.questions)} {self._token}-{self._made}"

    def _upload(self) -> Request:
        words = " ".join(self._material.questions).split()
        text = " ".join([f"{self._token}-{self._made}", *self._random.choices(words, k=UPLOAD_WORDS)])
        source = f"bench/{self._token}-{self._made}.txt"
        return Request(UPLOAD, UPLOAD.template, {"source": source, "text": text, "collection": self._scratch})


def apportioned(count: int, kinds: Sequence[Kind]) -> dict[Kind, int]:
    """`count` divided by the kinds' shares, to the last one: what is left over goes to the largest remainders."""
    total = sum(kind.share for kind in kinds)
    given = {kind: count * kind.share // total for kind in kinds}
    neediest = sorted(kinds, key=lambda kind: -(count * kind.share % total))
    for kind in neediest[: count - sum(given.values())]:
        given[kind] += 1
    return given


def shuffled(order: random.Random, count: int, kinds: Sequence[Kind]) -> list[Kind]:
    """`count` requests by the kinds' shares, in an order."""
    found = [kind for kind, times in apportioned(count, kinds).items() for _ in range(times)]
    order.shuffle(found)
    return found
