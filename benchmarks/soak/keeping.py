"""What those do who look after the documents: put, change, read and delete; corrections, ingestions, evaluations."""

from __future__ import annotations

import json
from typing import Any

from benchmarks.rag_peers.corpus import ROOT
from benchmarks.soak.asking import EVENTS
from benchmarks.soak.visitor import Visitor

SLOTS = 25
"""Documents, and as many corrections, that one client has at most: as many are deleted as put."""
FILES = 3
LINES = {"content-type": "application/x-ndjson"}
BOUNDARY = "soak-soak-soak"
UPLOADED = sorted(path for path in (ROOT / "samples" / "documents").rglob("*") if path.is_file())


def document(visitor: Visitor) -> None:
    """Put a document that is not there; change or delete one that is."""
    name = f"soak-{visitor.number}-{visitor.chance.randrange(SLOTS)}"
    if name in visitor.documents and visitor.chance.random() < 0.5:
        visitor.documents.discard(name)
        visitor.call("delete", "DELETE", f"/v1/documents/{name}", expected=(204,))
        return
    visitor.documents.add(name)
    visitor.call("put", "PUT", f"/v1/documents/{name}", _text(visitor, name))


def lines(visitor: Visitor) -> None:
    """Several documents in one request; the same ones each time, with other texts."""
    names = [f"soak-{visitor.number}-{slot}" for slot in range(5)]
    visitor.documents.update(names)
    body = "\n".join(json.dumps({**_text(visitor, name), "id": name}) for name in names)
    visitor.call("lines", "POST", "/v1/documents", body.encode(), expected=(201,), headers=LINES)


def repeated(visitor: Visitor) -> None:
    """A request that is sent twice under one idempotency key."""
    name, key = f"soak-{visitor.number}-0", f"{visitor.number}-{visitor.new()}"
    visitor.documents.add(name)
    body = {**_text(visitor, name), "id": name}
    for _ in range(2):
        visitor.call("repeated", "POST", "/v1/documents", body, expected=(201,), headers={"idempotency-key": key})


def read(visitor: Visitor) -> None:
    """Documents listed, or one of them read."""
    paths = ["/v1/documents?limit=20", "/v1/collections"]
    for name in sorted(visitor.documents)[:1]:
        paths += [f"/v1/documents/{name}", f"/v1/documents/{name}/text"]
    visitor.call("read", "GET", visitor.chance.choice(paths))


def correction(visitor: Visitor) -> None:
    """Write a correction, by pattern or by meaning, or delete one."""
    name = f"soak-{visitor.number}-{visitor.chance.randrange(SLOTS)}"
    path, expected = f"/v1/corrections/{name}", (200,) if name in visitor.corrections else (201,)
    if name in visitor.corrections and visitor.chance.random() < 0.5:
        visitor.corrections.discard(name)
        visitor.call("correction deleted", "DELETE", path, expected=(204,))
        return
    visitor.corrections.add(name)
    pattern = {"type": "pattern", "pattern": f"* soak {visitor.number} {visitor.new()}"}
    meaning = {"type": "meaning", "examples": [visitor.question()[:500]], "threshold": 0.95}
    body = {
        "match": visitor.chance.choice((pattern, meaning)),
        "answer": visitor.chance.choice(visitor.corpus.passages),
        "author": "soak",
        "last_verified": "2026-01-01T00:00:00Z",
    }
    visitor.call("correction put", "PUT", path, body, expected=expected)


def trial(visitor: Visitor) -> None:
    """Corrections listed, or tried out."""
    if visitor.chance.random() < 0.5:
        visitor.call("corrections", "GET", "/v1/corrections?limit=20")
    else:
        visitor.call("trial", "POST", "/v1/corrections/match", {"question": visitor.question()})


def ingestion(visitor: Visitor) -> None:
    """Files read into a collection as a job, which is watched, left or cancelled; then it may be deleted."""
    started = visitor.call(
        "ingestion",
        "POST",
        "/v1/ingestions",
        _form(visitor),
        expected=(202,),
        headers={"content-type": f"multipart/form-data; boundary={BOUNDARY}"},
    )
    if started.status != 202:
        return
    path = f"/v1/ingestions/{started.json()['id']}"
    if visitor.chance.random() < 0.1:
        visitor.call("job cancelled", "POST", f"{path}/cancel")
    leave_at = "event: " if visitor.chance.random() < 0.2 else ""
    visitor.call("job events", "GET", path, headers=EVENTS, leave_at=leave_at)
    if visitor.chance.random() < 0.3:
        expected = (204, 404)  # a job that was cancelled may have stored nothing
        visitor.call("collection deleted", "DELETE", f"/v1/collections/{visitor.inbox}", expected=expected)


def evaluation(visitor: Visitor) -> None:
    """Golden questions put to the corpus as a job, looked at once."""
    body = {"data": {"type": "goldens", "questions": _goldens(visitor)}, "thresholds": {"accuracy": 0.5}}
    started = visitor.call("evaluation", "POST", "/v1/evaluations", body, expected=(202,))
    if started.status == 202:
        visitor.call("evaluation read", "GET", f"/v1/evaluations/{started.json()['id']}")


def goldens(visitor: Visitor) -> None:
    """Golden questions of a collection written and read."""
    body = {"collection": visitor.inbox, "questions": _goldens(visitor)}
    visitor.call("goldens put", "PUT", "/v1/goldens", body)
    visitor.call("goldens read", "GET", f"/v1/goldens?collection={visitor.inbox}")


def forget(visitor: Visitor) -> None:
    """Delete all that this client has put."""
    for name in sorted(visitor.documents):
        visitor.call("delete", "DELETE", f"/v1/documents/{name}", expected=(204,))
    for name in sorted(visitor.corrections):
        visitor.call("correction deleted", "DELETE", f"/v1/corrections/{name}", expected=(204,))
    visitor.call("goldens deleted", "DELETE", f"/v1/goldens?collection={visitor.inbox}", expected=(204, 404))
    visitor.call("collection deleted", "DELETE", f"/v1/collections/{visitor.inbox}", expected=(204, 404))
    visitor.documents.clear()
    visitor.corrections.clear()


def _text(visitor: Visitor, name: str) -> dict[str, Any]:
    chance = visitor.chance
    some = chance.sample(visitor.corpus.passages, chance.randint(1, 6))
    return {
        "source": name,
        "text": "\n\n".join([*some, f"Edition {visitor.number}-{visitor.new()}."]),
        "media_type": chance.choice(("text/markdown", "text/plain", "text/html")),
        "attributes": {"group": chance.randrange(10), "price": chance.randrange(5_000)},
    }


def _form(visitor: Visitor) -> bytes:
    """A few files of the sample shop into this client's own collection, one of them new."""
    files = {path.name: path.read_bytes() for path in visitor.chance.sample(UPLOADED, FILES)}
    files["new.md"] = f"# Edition {visitor.number}-{visitor.new()}".encode()
    fields = [f'name="collection"\r\n\r\n{visitor.inbox}'.encode()]
    fields += [f'name="file"; filename="{name}"\r\n\r\n'.encode() + content for name, content in files.items()]
    parts = [f"--{BOUNDARY}\r\nContent-Disposition: form-data; ".encode() + each + b"\r\n" for each in fields]
    return b"".join(parts) + f"--{BOUNDARY}--\r\n".encode()


def _goldens(visitor: Visitor) -> list[dict[str, Any]]:
    return [
        {"id": f"q{number}", "question": visitor.question(), "answerable": False, "quotes": []} for number in range(5)
    ]
