"""The headers that keep a browser from doing what it should not, on every kind of answer of every service."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Final

import httpx
import pytest

from declarations import settings_class
from workspace import Member, services

ANSWERS: Final = {
    "a probe": ("GET", "/health", {}, 200),
    "metrics": ("GET", "/metrics", {}, 200),
    "a path that is not there": ("GET", "/v1/nowhere", {}, 404),
    "a host that is not ours": ("GET", "/health", {"host": "elsewhere.example"}, 421),
    "a foreign origin": ("GET", "/health", {"origin": "https://elsewhere.example"}, 403),
    "a key that is none": ("GET", "/v1/nowhere", {"authorization": "Bearer none"}, 401),
}
KEYLESS: Final = {"dashboard": {"a key that is none": 404}}
"""A console asks for a session where the others ask for a key."""


@pytest.fixture(params=services(), ids=lambda service: service.name)
def service(request: pytest.FixtureRequest) -> Member:
    """Each service in turn."""
    member: Member = request.param
    return member


async def test_every_answer_of_every_service_carries_them(service: Member, tmp_path: Path) -> None:
    create_app = importlib.import_module(f"{service.package}.app").create_app
    app = create_app(settings_class(service)(data_dir=tmp_path))
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as http:
        for name, (method, path, headers, status) in ANSWERS.items():
            answer = await http.request(method, path, headers=headers)
            assert answer.status_code == KEYLESS.get(service.name, {}).get(name, status), name
            given = answer.headers
            assert given["x-content-type-options"] == "nosniff", name
            assert given["cross-origin-resource-policy"] == "same-origin", name
            assert given["cache-control"] == "no-store", name
            policy = dict(part.strip().partition(" ")[::2] for part in given["content-security-policy"].split(";"))
            assert policy["frame-ancestors"] == "'none'", name
            assert policy["default-src"] == "'none'", name
            assert "unsafe-inline" not in given["content-security-policy"], name
            assert "server" not in given, name
            assert "x-powered-by" not in given, name
