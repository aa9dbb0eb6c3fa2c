"""What every route of every service has to have, whoever adds it."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute, iter_route_contexts

from declarations import settings_class
from tests.fakes import gated, harbour
from tillhand_common.cross_origin import READ, SAFE, SENT
from workspace import Member, services


def scopes_of(dependant: Dependant) -> Iterator[str]:
    """Every scope that a route asks its caller for, however deep in its dependencies."""
    yield from getattr(dependant.call, "scopes", ())
    for each in dependant.dependencies:
        yield from scopes_of(each)


def only_reads(route: object) -> bool:
    scopes = set(scopes_of(route.dependant)) if isinstance(route, APIRoute) else set()
    return bool(scopes) and all(scope.endswith(":read") for scope in scopes)


KEYLESS = {"POST /mcp"}
"""MCP has requests of its own, whose ids it tells apart; a write that is proposed twice is decided twice."""


def without_idempotency_key(app: FastAPI) -> set[str]:
    """POST routes that may create or execute something, and would do it twice for a client that asks again."""
    return (
        {
            f"POST {context.path}"
            for context in iter_route_contexts(app.routes)
            if "POST" in (context.methods or ()) and not only_reads(context.original_route)
        }
        - {*app.state.chassis.spec.idempotent, *app.state.chassis.spec.own_keys}
        - KEYLESS
    )


@pytest.mark.parametrize("service", services(), ids=lambda service: service.name)
def test_a_post_that_does_more_than_read_honours_an_idempotency_key(service: Member, tmp_path: Path) -> None:
    create_app = importlib.import_module(f"{service.package}.app").create_app
    assert without_idempotency_key(create_app(settings_class(service)(data_dir=tmp_path))) == set()


def test_a_post_that_was_forgotten_is_found(tmp_path: Path) -> None:
    assert without_idempotency_key(harbour.service(tmp_path)) == {"POST /v1/plain"}
    assert without_idempotency_key(gated.service(tmp_path)) == {"POST /v1/documents"}


def headers_of(app: FastAPI) -> tuple[set[str], set[str]]:
    """The headers that the document of a service says it takes, and those that it says it answers with."""
    told = [operation for path in app.openapi()["paths"].values() for operation in path.values()]
    taken = {each["name"] for operation in told for each in operation.get("parameters", ()) if each["in"] == "header"}
    given = {
        name for operation in told for answer in operation["responses"].values() for name in answer.get("headers", ())
    }
    return {name.lower() for name in taken}, {name.lower() for name in given}


@pytest.mark.parametrize("service", services(), ids=lambda service: service.name)
def test_pages_may_send_and_read_every_header_that_a_service_documents(service: Member, tmp_path: Path) -> None:
    create_app = importlib.import_module(f"{service.package}.app").create_app
    taken, given = headers_of(create_app(settings_class(service)(data_dir=tmp_path)))
    assert taken
    assert taken <= {name.lower() for name in SENT}
    assert given <= {name.lower() for name in (*READ, *SAFE)}
