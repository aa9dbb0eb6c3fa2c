"""What a page of another origin may send and read."""

from pathlib import Path

import httpx
import pytest
from fastapi import APIRouter, FastAPI, Response

from tests.fakes.gated import service
from tillhand_common.app import ServiceSpec, create_app
from tillhand_common.cross_origin import READ, SAFE, SENT
from tillhand_common.settings import CommonSettings
from tillhand_common.testing import client

ORIGIN = "https://console.example"


def listed(response: httpx.Response, header: str) -> set[str]:
    """The names in a header that lists some, in lower case."""
    return {name.strip().lower() for name in response.headers.get(header, "").split(",") if name.strip()}


def quay(data_dir: Path) -> FastAPI:
    """A service that answers with every header that a page may read."""
    router = APIRouter(prefix="/v1")

    @router.get("/every")
    async def every() -> Response:
        return Response(headers=dict.fromkeys(READ, "1"))

    settings = CommonSettings.model_validate({"data_dir": data_dir, "allowed_origins": ORIGIN})
    return create_app(ServiceSpec("quay", "1", "Quay", "", settings, routers=(router,)))


async def test_a_page_may_read_every_header_that_an_answer_promises(tmp_path: Path) -> None:
    async with client(quay(tmp_path)) as http:
        answer = await http.get("/v1/every", headers={"origin": ORIGIN})
    assert answer.headers["access-control-allow-origin"] == ORIGIN
    exposed = listed(answer, "access-control-expose-headers")
    assert exposed == {name.lower() for name in READ}
    hidden = set(answer.headers) - exposed - {name.lower() for name in SAFE}
    assert not {name for name in hidden if name.startswith(("tillhand-", "ratelimit", "x-request"))}
    promised = {"tillhand-mode", "tillhand-rows", "etag", "content-disposition", "link", "retry-after"}
    assert promised <= exposed


async def test_a_refusal_shows_a_page_when_to_ask_again_and_by_which_id_it_is_found(tmp_path: Path) -> None:
    async with client(service(tmp_path, allowed_origins=ORIGIN)) as http:
        answer = await http.get("/v1/me", headers={"origin": ORIGIN, "authorization": "Bearer nobody's"})
    assert answer.status_code == 401
    shown = listed(answer, "access-control-expose-headers")
    assert {"www-authenticate", "x-request-id"} <= shown & set(answer.headers)


@pytest.mark.parametrize("header", SENT)
async def test_a_page_may_send_what_routes_take(tmp_path: Path, header: str) -> None:
    asked = {"origin": ORIGIN, "access-control-request-method": "GET", "access-control-request-headers": header.lower()}
    async with client(service(tmp_path, allowed_origins=ORIGIN)) as http:
        answer = await http.options("/v1/documents", headers=asked)
    assert answer.status_code == 200
    assert header.lower() in listed(answer, "access-control-allow-headers")
    assert "access-control-allow-credentials" not in answer.headers


async def test_a_header_that_no_route_takes_may_not_be_sent(tmp_path: Path) -> None:
    asked = {"origin": ORIGIN, "access-control-request-method": "GET"}
    async with client(service(tmp_path, allowed_origins=ORIGIN)) as http:
        refused = await http.options("/v1/documents", headers=asked | {"access-control-request-headers": "x-mine"})
    assert refused.status_code == 400


async def test_without_allowed_origins_nothing_is_said_of_them(tmp_path: Path) -> None:
    async with client(service(tmp_path)) as http:
        answer = await http.get("/v1/documents")
    assert answer.status_code == 200
    assert not [name for name in answer.headers if name.startswith("access-control-")]
