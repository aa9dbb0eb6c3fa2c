"""What an HTTP request to one of Google's APIs does that its description does not allow."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from urllib.parse import unquote

from jsonschema import Draft202012Validator

from tillhand_mcp.schemas.discovery import Api, complaints, converted, document, violations

PLACE = re.compile(r"\{(\+?)(\w+)\}")
Query = Mapping[str, str | Sequence[str]]


@dataclass(frozen=True, slots=True)
class Method:
    """One method of an API: `pattern` matches its path, one group for each of its path parameters."""

    id: str
    verb: str
    pattern: re.Pattern[str]
    parameters: Mapping[str, Mapping[str, Any]]
    request: str | None
    response: str | None


@lru_cache(maxsize=2)
def methods(api: Api) -> tuple[Method, ...]:
    """Return all methods of an API."""
    return tuple(method(described) for described in described_methods(document(api)))


def described_methods(resource: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Walk the resources of a description and yield what it says about each method."""
    yield from resource.get("methods", {}).values()
    for inner in resource.get("resources", {}).values():
        yield from described_methods(inner)


def method(described: Mapping[str, Any]) -> Method:
    """Return a method by its description."""
    parameters = described.get("parameters", {})
    pattern, end = "", 0
    for place in PLACE.finditer(described["path"]):
        # A reserved expansion ({+name}) holds slashes, which is why its parameter carries a pattern.
        inner = parameters[place[2]].get("pattern", "^.+$")[1:-1] if place[1] else "[^/]+"
        pattern += f"{re.escape(described['path'][end : place.start()])}(?P<{place[2]}>{inner})"
        end = place.end()
    pattern += re.escape(described["path"][end:])
    return Method(
        described["id"],
        described["httpMethod"],
        re.compile(pattern),
        parameters,
        described.get("request", {}).get("$ref"),
        described.get("response", {}).get("$ref"),
    )


def find(api: Api, verb: str, path: str) -> tuple[Method, dict[str, str]] | None:
    """Return the method that a request calls, with its path parameters, or None where there is no such method."""
    for known in methods(api):
        if known.verb == verb and (matched := known.pattern.fullmatch(path.lstrip("/"))):
            return known, {name: unquote(value) for name, value in matched.groupdict().items()}
    return None


def request_violations(api: Api, verb: str, path: str, query: Query, body: object = None) -> list[str]:
    """Say what a request does that the description of the API does not allow; `path` is as sent, still encoded."""
    found = find(api, verb, path)
    if found is None:
        return [f"{api} has no method {verb} {path}"]
    called, _ = found
    return [*query_violations(api, called, query), *body_violations(api, called, body)]


def query_violations(api: Api, called: Method, query: Query) -> list[str]:
    """Say which query parameters are unknown, missing or of another form."""
    own = {name: item for name, item in called.parameters.items() if item["location"] == "query"}
    known = {**document(api)["parameters"], **own}
    missing = [name for name, item in own.items() if item.get("required") and name not in query]
    unknown = [name for name in query if name not in known]
    return [
        *(f"{name}: is required by {called.id}" for name in missing),
        *(f"{name}: is no parameter of {called.id}" for name in unknown),
        *(text for name in query if name in known for text in value_violations(known[name], name, query[name])),
    ]


def value_violations(parameter: Mapping[str, Any], name: str, value: str | Sequence[str]) -> list[str]:
    """Say how the text of a query parameter departs from what it has to hold."""
    values = [value] if isinstance(value, str) else value
    if len(values) > 1 and not parameter.get("repeated"):
        return [f"{name}: is given more than once"]
    if parameter["type"] == "boolean":
        return [f"{name}: {item!r} is neither 'true' nor 'false'" for item in values if item not in {"true", "false"}]
    check = Draft202012Validator(converted(dict(parameter), sent=True))
    return [f"{name}: {text.partition(': ')[2]}" for item in values for text in complaints(check, item)]


def body_violations(api: Api, called: Method, body: object) -> list[str]:
    """Say how the body departs from the schema that the method names."""
    if called.request is None:
        return [] if body is None else [f"{called.id} takes no body"]
    return violations(api, called.request, {} if body is None else body, sent=True)
