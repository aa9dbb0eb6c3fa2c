"""The OpenAPI document as a promise: whatever is sent, well formed or not, is answered as the document says.

`TILLHAND_FUZZ_CASES` sets how many requests are sent, spread over all operations; a few by default.
"""

from __future__ import annotations

import os
import random
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final

import httpx
import requests
import schemathesis
from anyio.from_thread import start_blocking_portal
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from schemathesis.core.failures import FailureGroup
from schemathesis.core.result import Ok
from schemathesis.specs.openapi import checks

from tests.common.description import operations as described
from tillhand_common import keys
from tillhand_common.testing import service_process

SCRIPT: Final = Path(__file__).resolve().parents[1] / "fakes" / "hashing_service.py"
CASES: Final = int(os.environ.get("TILLHAND_FUZZ_CASES", "150"))
SHORT: Final = 500
"""Up to so many cases are the same each time; more of them are others with each run."""
TIMEOUT_S: Final = 30.0
MODES: Final = (schemathesis.GenerationMode.POSITIVE, schemathesis.GenerationMode.NEGATIVE)
CHECKS: Final = [
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_schema_conformance,
    checks.response_headers_conformance,
    checks.negative_data_rejection,
    checks.unsupported_method,
    checks.allow_header_conformance,
]
CONFIG: Final = {"checks": {"negative_data_rejection": {"expected-statuses": ["4xx"]}}}
NO_PORT: Final = "9"
"""Addresses are made up as well, and none may be asked: only a port is allowed that nobody makes up."""
TEXT: Final = "# Oil\n\nOil the chain every 300 km, and after rain.\n"
Known = dict[str, list[str]]
AnyCase = schemathesis.Case[Any]
AnyOperation = schemathesis.APIOperation[Any, Any, Any, Any]


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


class Sending:
    """Sends cases to the service and keeps what it answered other than documented."""

    def __init__(self, http: httpx.Client) -> None:
        self._base_url = str(http.base_url).rstrip("/")
        self._session = requests.Session()
        self._headers = {"authorization": http.headers["authorization"]}
        self.statuses: Counter[int] = Counter()
        self.wrong: list[str] = []

    def send(self, case: AnyCase) -> None:
        """One request and what is to be said of its answer."""
        answer = case.call(self._base_url, self._session, self._headers, timeout=TIMEOUT_S)
        self.statuses[answer.status_code] += 1
        if answer.status_code >= 500 and answer.status_code != 503:  # 503 is the word for what is out of order
            self.wrong.append(f"{answer.status_code} {case.as_curl_command()}")
        try:
            case.validate_response(
                answer,
                CHECKS,
                headers=self._headers,
                transport_kwargs={"session": self._session, "base_url": self._base_url, "headers": self._headers},
            )
        except FailureGroup as failures:
            self.wrong.append(str(failures))


def fuzz(sending: Sending, operation: AnyOperation, known: Known, count: int, number: int) -> None:
    """Send so many cases of each mode; those that name something name what is there about every other time."""
    for mode in MODES:

        @seed(number)
        @settings(max_examples=count, database=None, suppress_health_check=list(HealthCheck), phases=[Phase.generate])
        @given(case=operation.as_strategy(generation_mode=mode), existing=st.booleans(), choice=st.integers(0, 99))
        def send(case: AnyCase, existing: bool, choice: int) -> None:  # hypothesis gives it
            for name in set(case.path_parameters or {}) & known.keys() if existing else ():
                if known[name]:
                    case.path_parameters[name] = known[name][choice % len(known[name])]
            sending.send(case)

        with suppress(*([Unsatisfiable] if mode is schemathesis.GenerationMode.NEGATIVE else [])):
            send()  # where there is nothing to send, nothing can be wrong with it


def test_whatever_is_sent_is_answered_as_described(tmp_path: Path) -> None:
    number = 1 if CASES <= SHORT else random.SystemRandom().randint(0, 10**9)
    with served(tmp_path) as (http, document):
        for _, told in described(document):
            told.pop("security", None)  # every request carries the key
        schema = schemathesis.openapi.from_dict(document, config=schemathesis.Config.from_dict(CONFIG))
        operations: list[AnyOperation] = [found.ok() for found in schema.get_all_operations() if isinstance(found, Ok)]
        sending = Sending(http)
        each = -(-CASES // (len(operations) * len(MODES)))
        for operation in operations:
            fuzz(sending, operation, filled(http, tmp_path), each, number)
        alive = http.get("/ready")
    counts = ", ".join(f"{status}: {count}" for status, count in sorted(sending.statuses.items()))
    print(f"seed {number}: {sending.statuses.total()} cases on {len(operations)} operations; {counts}")  # noqa: T201  # for `make prove`
    assert alive.status_code == 200
    assert not sending.wrong, "\n\n".join(sending.wrong[:10])
