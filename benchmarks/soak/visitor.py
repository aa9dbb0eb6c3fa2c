"""A client of the soak: one kept-alive connection, a seeded choice, and what it has put into the service."""

from __future__ import annotations

import http.client
import json
import random
from collections import Counter, deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from benchmarks.rag_peers.corpus import Corpus

TIMEOUT_S = 60
KEPT_ANSWERS = 20
MOST_SHOWN = 5
LONGEST_SHOWN = 200
LONGEST_EXTRA_WORDS = 40

Body = Mapping[str, Any] | bytes | None
Kind = Callable[["Visitor"], None]


@dataclass(frozen=True, slots=True)
class Answered:
    """What came back; nothing of a request that failed on its way."""

    status: int
    content: bytes = b""

    def json(self) -> Any:  # noqa: ANN401  # JSON is any of its types
        """The decoded body."""
        return json.loads(self.content)

    def events(self) -> list[tuple[str, Any]]:
        """The named events of a stream."""
        frames = (frame.partition("\n") for frame in self.content.decode().split("\n\n"))
        return [
            (name.removeprefix("event: "), json.loads(rest.rpartition("data: ")[2]))
            for name, _, rest in frames
            if name.startswith("event: ")
        ]


@dataclass
class Visitor:
    """One of the clients. `documents` and `corrections` are those that it has put and not deleted."""

    number: int
    port: int
    key: str
    corpus: Corpus
    chance: random.Random
    sent: int = 0
    made: int = 0
    statuses: Counter[tuple[str, int]] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    documents: set[str] = field(default_factory=set)
    corrections: set[str] = field(default_factory=set)
    answers: deque[str] = field(default_factory=lambda: deque(maxlen=KEPT_ANSWERS))

    def __post_init__(self) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=TIMEOUT_S)

    @property
    def inbox(self) -> str:
        """A collection that only this one writes to."""
        return f"inbox-{self.number}"

    def visit(self, kinds: Mapping[Kind, int], requests: int) -> None:
        """Send about so many requests, kinds by their weights."""
        until = self.sent + requests
        chosen, weights = list(kinds), list(kinds.values())
        while self.sent < until:
            self.chance.choices(chosen, weights)[0](self)
        self._connection.close()  # the service closes it where nothing comes for a while

    def new(self) -> int:
        """A number that this client has not had."""
        self.made += 1
        return self.made

    def question(self) -> str:
        """One of the corpus, or one that nobody has asked: of any length, by words that the corpus has."""
        asked = self.chance.choice(self.corpus.queries)
        if self.chance.random() < 0.5:
            return asked
        words = self.chance.choice(self.corpus.passages).split()[: self.chance.randrange(LONGEST_EXTRA_WORDS)]
        return f"{asked} {' '.join(words)} ({self.number}-{self.new()})"

    def call(
        self,
        kind: str,
        method: str,
        path: str,
        body: Body = None,
        *,
        expected: Sequence[int] = (200,),
        headers: Mapping[str, str] | None = None,
        leave_at: str = "",
    ) -> Answered:
        """Send a request and note its status; with `leave_at`, hang up after a line that begins so."""
        sent = json.dumps(body).encode() if isinstance(body, Mapping) else body
        given = {"authorization": f"Bearer {self.key}", "content-type": "application/json", **(headers or {})}
        self.sent += 1
        try:
            self._connection.request(method, path, sent, given)
            response = self._connection.getresponse()
            answered = Answered(response.status, self._read(response, leave_at))
        except (OSError, http.client.HTTPException) as error:
            self._connection.close()
            answered = Answered(0, repr(error).encode())
        self.statuses[kind, answered.status] += 1
        if answered.status not in expected and len(self.wrong) < MOST_SHOWN:
            self.wrong.append(f"{kind}: {method} {path}: {answered.status} {answered.content[:LONGEST_SHOWN]!r}")
        return answered

    def _read(self, response: http.client.HTTPResponse, leave_at: str) -> bytes:
        if not leave_at:
            return response.read()
        lines = list[bytes]()
        for line in response:
            lines.append(line)
            if line.startswith(leave_at.encode()):
                break
        response.close()
        self._connection.close()
        return b"".join(lines)
