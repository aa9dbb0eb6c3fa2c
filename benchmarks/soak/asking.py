"""What those ask who look for something: searches, answers, streams that they leave, a word on what they got."""

from __future__ import annotations

from typing import Any

from benchmarks.soak.visitor import Visitor

MODES = ("hybrid", "dense", "keyword")
EVENTS = {"accept": "text/event-stream"}


def search(visitor: Visitor) -> None:
    """A search in any mode, now and then with a filter."""
    chance = visitor.chance
    body = {"query": visitor.question(), "mode": chance.choice(MODES), "top_k": chance.randint(1, 50)}
    visitor.call("search", "POST", "/v1/search", {**body, "filters": _filters(visitor)})


def answer(visitor: Visitor) -> None:
    """An answer as a document; one in five is neither recalled nor kept."""
    headers = {"cache-control": "no-store"} if visitor.chance.random() < 0.2 else {}
    body = {"question": visitor.question(), "mode": visitor.chance.choice(MODES), "filters": _filters(visitor)}
    given = visitor.call("answer", "POST", "/v1/answers", body, headers=headers)
    if given.status == 200:
        visitor.answers.append(given.json()["id"])


def streamed(visitor: Visitor) -> None:
    """An answer as a stream, heard to its end."""
    given = visitor.call("stream", "POST", "/v1/answers", {"question": visitor.question()}, headers=EVENTS)
    if given.status == 200:
        name, last = given.events()[-1]
        assert name == "done", name
        visitor.answers.append(last["id"])


def left(visitor: Visitor) -> None:
    """An answer as a stream that the client leaves, before anything has come or in the middle."""
    leave_at = visitor.chance.choice(("retry", "event: sources", "event: token", "data"))
    body = {"question": visitor.question()}
    visitor.call("stream left", "POST", "/v1/answers", body, leave_at=leave_at, headers=EVENTS)


def completion(visitor: Visitor) -> None:
    """A chat completion, whole or as a stream, which may be left."""
    messages = [{"role": "user", "content": visitor.question()}]
    body = {"model": "tillhand/default", "messages": messages, "stream": visitor.chance.random() < 0.5}
    leave_at = "data" if body["stream"] and visitor.chance.random() < 0.5 else ""
    visitor.call("completion", "POST", "/v1/chat/completions", body, leave_at=leave_at)


def feedback(visitor: Visitor) -> None:
    """A word on an answer of late."""
    if visitor.answers:
        said = {"rating": visitor.chance.choice(("helpful", "unhelpful")), "comment": visitor.question()[:500]}
        path = f"/v1/answers/{visitor.chance.choice(visitor.answers)}/feedback"
        visitor.call("feedback", "POST", path, said, expected=(204,))


def insights(visitor: Visitor) -> None:
    """What is asked."""
    visitor.call("insights", "GET", visitor.chance.choice(("/v1/insights/questions", "/v1/insights/summary")))


def _filters(visitor: Visitor) -> dict[str, Any]:
    """None for most."""
    chance = visitor.chance
    if chance.random() < 0.7:
        return {}
    return chance.choice(
        (
            {"group": chance.randrange(10)},
            {"price": {"gte": chance.randrange(2_000), "lt": 4_000}},
            {"group": {"in": [1, 2, 3]}, "price": {"exists": True}},
        )
    )
