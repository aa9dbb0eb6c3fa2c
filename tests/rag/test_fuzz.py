"""Whatever is sent to the knowledge base, well formed or not, is answered as its OpenAPI document says."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import httpx
from anyio.from_thread import start_blocking_portal

from tests.fakes.fuzzing import TIMEOUT_S, Known, Sending, fuzzed
from tillhand_common import keys
from tillhand_common.testing import service_process

SCRIPT: Final = Path(__file__).resolve().parents[1] / "fakes" / "hashing_service.py"
NO_PORT: Final = "9"
"""Addresses are made up as well, and none may be asked: only a port is allowed that nobody makes up."""
TEXT: Final = "# Oil\n\nOil the chain every 300 km, and after rain.\n"


@contextmanager
def served(folder: Path) -> Iterator[tuple[httpx.Client, dict[str, Any]]]:
    """The service on a port of its own with a few things in it, asked with the operator's key; and its description."""
    (folder / "docs").mkdir()
    (folder / "docs" / "chain.md").write_text(TEXT)
    environment = {
        "TILLHAND_DATA_DIR": str(folder / "data"),
        "TILLHAND_RATE_LIMIT": "off",
        "TILLHAND_INGEST_ROOTS": str(folder / "docs"),
        "TILLHAND_FETCH_PORTS": NO_PORT,
        "TILLHAND_MAX_BODY_BYTES": str(2**20),  # so that a body that is too large is none to wait for
    }
    with (
        start_blocking_portal() as portal,
        portal.wrap_async_context_manager(service_process(SCRIPT, environment)) as service,
    ):
        headers = {"authorization": f"Bearer {keys.read_token(folder / 'data', 'operator')}"}
        with httpx.Client(base_url=service.base_url, headers=headers, timeout=TIMEOUT_S) as http:
            yield http, http.get("/openapi.json").json()


def filled(http: httpx.Client, folder: Path) -> Known:
    """What there is to ask about, by the names of path parameters; put back if it was deleted."""
    source = {"type": "folder", "path": str(folder / "docs")}
    correction = {
        "match": {"type": "pattern", "pattern": "how often * oil *"},
        "answer": "Every 300 km.",
        "author": "workshop",
        "last_verified": "2026-01-01T00:00:00Z",
    }
    golden = {"id": "oil", "question": "How often must I oil it?", "answerable": True, "quotes": ["every 300 km"]}
    sent = [
        http.put("/v1/documents/oil", json={"source": "oil.md", "text": TEXT}),
        http.put("/v1/corrections/oil", json=correction),
        http.put("/v1/goldens", json={"questions": [golden]}),
        http.put("/v1/sources/docs", json={"source": source, "refresh_every_s": 86_400}),
        http.post("/v1/answers", json={"question": "Does rain matter?"}),
    ]
    assert [answer.status_code for answer in sent if not answer.is_success] == []
    known = {
        "document_id": ["oil"],
        "correction_id": ["oil"],
        "source_id": ["docs"],
        "collection": ["default"],
        "answer_id": [sent[-1].json()["id"]],
    }
    for name, path in (("ingestion_id", "/v1/ingestions"), ("evaluation_id", "/v1/evaluations")):
        known[name] = [item["id"] for item in http.get(path).json()["items"]]
    operations = [http.get("/v1/operations", params={"kind": kind}).json()["items"] for kind in ("backup", "rebuild")]
    known["operation_id"] = [item["id"] for items in operations for item in items]
    known["backup"] = [item["id"] for item in http.get("/v1/backups").json()["items"]]
    return known


def test_whatever_is_sent_is_answered_as_described(tmp_path: Path) -> None:
    with served(tmp_path) as (http, document):
        sending = Sending(http)
        fuzzed(sending, document, lambda: filled(http, tmp_path))
        alive = http.get("/ready")
    assert alive.status_code == 200
    assert not sending.wrong, "\n\n".join(sending.wrong[:10])
