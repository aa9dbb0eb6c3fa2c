"""What every service's OpenAPI document has to say about errors, and how a test finds out what it leaves unsaid."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from tillhand_common import idempotency
from tillhand_common.problems import MEDIA_TYPE

EVERYWHERE: Final = frozenset({"400", "401", "403", "404", "421", "422", "429", "500", "503", "504"})
WITH_BODY: Final = frozenset({"409", "413", "415"})
FIRST_ERROR: Final = "400"


def operations(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every operation of an OpenAPI document, named as in `GET /v1/boats`."""
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield f"{method.upper()} {path}", operation


def documented(operation: dict[str, Any], status: int | str) -> frozenset[str]:
    """The problem types, by slug, that an operation is said to give with a status."""
    content = operation["responses"].get(str(status), {}).get("content", {})
    return frozenset(content.get(MEDIA_TYPE, {}).get("examples", {}))


def takes_idempotency_key(operation: dict[str, Any]) -> bool:
    """Whether an operation is said to take an `Idempotency-Key`."""
    return "Idempotency-Key" in [parameter["name"] for parameter in operation.get("parameters", [])]


def unsaid(document: dict[str, Any]) -> list[str]:
    """Each error that an operation of any service can give and this document does not list as a problem."""
    return [f"{name}: {lack}" for name, operation in operations(document) for lack in _lacks(operation)]


def _lacks(operation: dict[str, Any]) -> Iterator[str]:
    listed = operation["responses"]
    yield from sorted((EVERYWHERE | (WITH_BODY if "requestBody" in operation else frozenset())) - listed.keys())
    for status, response in listed.items():
        if status >= FIRST_ERROR and list(response.get("content", {})) != [MEDIA_TYPE]:
            yield f"{status} is no {MEDIA_TYPE}"
    for problem in idempotency.PROBLEMS if takes_idempotency_key(operation) else ():
        if problem.slug not in documented(operation, problem.status):
            yield f"{problem.status} {problem.slug}"
