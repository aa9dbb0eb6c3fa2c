"""The OpenAPI document as a promise: whatever is sent, well formed or not, is answered as the document says.

`TILLHAND_FUZZ_CASES` sets how many requests are sent, spread over all operations; a few by default.
"""

from __future__ import annotations

import os
import random
from collections import Counter
from collections.abc import Callable, Collection
from contextlib import suppress
from typing import Any, Final

import httpx
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from schemathesis.core.failures import FailureGroup
from schemathesis.core.parameters import ParameterLocation
from schemathesis.core.result import Ok
from schemathesis.specs.openapi import checks

from tests.common.description import operations as described

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
Known = dict[str, list[str]]
AnyCase = schemathesis.Case[Any]
AnyOperation = schemathesis.APIOperation[Any, Any, Any, Any]
Authorization = Callable[[str, str], str]


class Sending:
    """Sends cases to the service and keeps what it answered other than documented.

    `authorization` gives the header for an operation's method and path; always the same one unless told.
    """

    def __init__(self, http: httpx.Client, authorization: Authorization | None = None) -> None:
        self._base_url = str(http.base_url).rstrip("/")
        self._session = requests.Session()
        self._authorization = authorization or (lambda _method, _path: http.headers["authorization"])
        self.statuses: Counter[int] = Counter()
        self.wrong: list[str] = []

    def send(self, case: AnyCase) -> None:
        """One request and what is to be said of its answer."""
        headers = {"authorization": self._authorization(case.operation.method.upper(), case.operation.path)}
        answer = case.call(self._base_url, self._session, headers, timeout=TIMEOUT_S)
        self.statuses[answer.status_code] += 1
        if answer.status_code >= 500 and answer.status_code != 503:  # 503 is the word for what is out of order
            self.wrong.append(f"{answer.status_code} {case.as_curl_command()}")
        try:
            case.validate_response(
                answer,
                CHECKS,
                headers=headers,
                transport_kwargs={"session": self._session, "base_url": self._base_url, "headers": headers},
            )
        except FailureGroup as failures:
            self.wrong.append(str(failures))


def _path_is_wrong(case: AnyCase) -> bool:
    """Whether it is the path that should be refused: another one in its place would be right."""
    made = case.meta.components.get(ParameterLocation.PATH) if case.meta else None
    return made is not None and made.mode is schemathesis.GenerationMode.NEGATIVE


def fuzz(sending: Sending, operation: AnyOperation, known: Known, count: int, number: int) -> None:
    """Send so many cases of each mode; those that name something name what is there about every other time."""
    for mode in MODES:

        @seed(number)
        @settings(max_examples=count, database=None, suppress_health_check=list(HealthCheck), phases=[Phase.generate])
        @given(case=operation.as_strategy(generation_mode=mode), existing=st.booleans(), choice=st.integers(0, 99))
        def send(case: AnyCase, existing: bool, choice: int) -> None:  # hypothesis gives it
            for name in set(case.path_parameters or {}) & known.keys() if existing and not _path_is_wrong(case) else ():
                if known[name]:
                    case.path_parameters[name] = known[name][choice % len(known[name])]
            sending.send(case)

        with suppress(*([Unsatisfiable] if mode is schemathesis.GenerationMode.NEGATIVE else [])):
            send()  # where there is nothing to send, nothing can be wrong with it


def fuzzed(
    sending: Sending, document: dict[str, Any], filled: Callable[[], Known], *, without: Collection[str] = ()
) -> None:
    """Send so many cases to every operation but those of the paths `without`; print how it went.

    `filled` puts things there to ask about before each operation, and names them by path parameters.
    """
    number = 1 if CASES <= SHORT else random.SystemRandom().randint(0, 10**9)
    for _, told in described(document):
        told.pop("security", None)  # every request carries a key
    schema = schemathesis.openapi.from_dict(document, config=schemathesis.Config.from_dict(CONFIG))
    found: list[AnyOperation] = [each.ok() for each in schema.get_all_operations() if isinstance(each, Ok)]
    operations = [each for each in found if each.path not in without]
    count = -(-CASES // (len(operations) * len(MODES)))
    for operation in operations:
        fuzz(sending, operation, filled(), count, number)
    counts = ", ".join(f"{status}: {many}" for status, many in sorted(sending.statuses.items()))
    print(f"seed {number}: {sending.statuses.total()} cases on {len(operations)} operations; {counts}")  # noqa: T201  # for `make prove`
