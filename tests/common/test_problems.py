"""Errors as problem documents: each status, what they say, and what they never say."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.common.description import operations, takes_idempotency_key, unsaid
from tests.common.sample_service import SECRET, create
from tillhand_common import problems
from tillhand_common.handlers import validation_problem
from tillhand_common.keys import read_token
from tillhand_common.problems import COMMON, MEDIA_TYPE, Problem
from tillhand_common.settings import CommonSettings
from tillhand_common.testing import client, running

JSON = {"content-type": "application/json"}
BOAT = "/v1/boats/{boat_id}"


@asynccontextmanager
async def sample(data_dir: Path, **settings: object) -> AsyncIterator[httpx.AsyncClient]:
    """Open a client of the sample service that sends the first agent's key."""
    app = create(CommonSettings.model_validate({"data_dir": data_dir, "rate_limit": "off", **settings}))
    async with client(app) as http:
        yield http


def operator(data_dir: Path) -> dict[str, str]:
    """Return the headers of the first operator."""
    return {"authorization": f"Bearer {read_token(data_dir, 'operator')}"}


def check(answer: httpx.Response, status: int, slug: str) -> dict[str, object]:
    """Check that an answer is the problem that it should be, and return its document."""
    document = answer.json()
    assert answer.status_code == status
    assert answer.headers["content-type"] == MEDIA_TYPE
    assert isinstance(document, dict)
    assert document["type"] == f"urn:tillhand:problem:{slug}"
    assert document["status"] == status
    assert document["instance"] == answer.headers["x-request-id"]
    assert document["title"]
    assert document["detail"]
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert SECRET not in answer.text
    return document


async def test_an_unknown_path_is_a_problem_and_is_not_repeated(tmp_path: Path) -> None:
    async with sample(tmp_path) as http:
        document = check(await http.get(f"/v1/{SECRET}"), 404, "not-found")
    assert "/v1" not in json.dumps(document)


async def test_a_wrong_method_names_the_right_ones(tmp_path: Path) -> None:
    async with sample(tmp_path) as http:
        answer = await http.delete("/v1/boats/argo")
    check(answer, 405, "method-not-allowed")
    assert {method.strip() for method in answer.headers["allow"].split(",")} <= {"GET", "PUT"}


async def test_an_unexpected_error_leaves_nothing_but_its_request_id(tmp_path: Path) -> None:
    async with sample(tmp_path) as http:
        document = check(await http.get("/v1/broken"), 500, "internal-error")
    assert set(document) == {"type", "title", "status", "detail", "instance"}


async def test_json_that_does_not_parse_is_a_bad_request(tmp_path: Path) -> None:
    async with sample(tmp_path) as http:
        await http.get("/health")
        answer = await http.put(
            "/v1/boats/argo", content=f'{{"name": "{SECRET}",', headers={**JSON, **operator(tmp_path)}
        )
    assert check(answer, 400, "malformed-body")["field"] == "body"


async def test_a_body_that_is_no_json_is_an_unsupported_media_type(tmp_path: Path) -> None:
    async with sample(tmp_path) as http:
        answer = await http.put(
            "/v1/boats/argo", content=SECRET, headers={"content-type": "text/csv", **operator(tmp_path)}
        )
    check(answer, 415, "unsupported-media-type")


async def test_input_that_does_not_fit_names_each_field_and_no_value(tmp_path: Path) -> None:
    body = {"name": f"cursed {SECRET}", "crew": SECRET, SECRET: 1, "cargo": {"medea": "many"}, "ballast": SECRET}
    async with sample(tmp_path) as http:
        answer = await http.put("/v1/boats/argo", json=body, headers=operator(tmp_path))
    document = check(answer, 422, "invalid-input")
    errors = document["errors"]
    assert isinstance(errors, list)
    assert {error["field"] for error in errors} == {"body.name", "body.crew", "body.cargo.*", "body.*", "body.ballast"}
    assert "cursed" not in answer.text
    assert "medea" not in answer.text


async def test_names_of_the_route_itself_need_no_document(tmp_path: Path) -> None:
    app = create(CommonSettings.model_validate({"data_dir": tmp_path, "rate_limit": "off"}))
    async with client(app) as http:
        for body, field in (({"name": "argo", "crew": SECRET}, "body.crew"), ({"name": [1], "crew": 1}, "body.name")):
            answer = await http.put("/v1/boats/argo", json=body, headers=operator(tmp_path))
            assert check(answer, 422, "invalid-input")["field"] == field
    assert app.openapi_schema is None


async def test_a_query_that_does_not_fit_names_its_parameter(tmp_path: Path) -> None:
    async with sample(tmp_path) as http:
        assert check(await http.get("/v1/slow?seconds=soon"), 422, "invalid-input")["field"] == "query.seconds"


async def test_a_write_without_a_key_is_unauthorized_and_with_a_wrong_one_too(tmp_path: Path) -> None:
    async with sample(tmp_path) as http:
        for headers in ({}, {"authorization": f"Bearer {SECRET}"}):
            answer = await http.put("/v1/boats/argo", json={"name": "argo"}, headers=headers)
            check(answer, 401, "unauthorized")
            assert answer.headers["www-authenticate"].startswith("Bearer")


async def test_a_key_without_the_scope_is_forbidden(tmp_path: Path) -> None:
    async with sample(tmp_path) as http:
        token = read_token(tmp_path, "agent")
        answer = await http.put("/v1/boats/argo", json={"name": "argo"}, headers={"authorization": f"Bearer {token}"})
    check(answer, 403, "forbidden")
    assert token is not None
    assert token not in answer.text


async def test_a_services_own_problem_has_its_own_type(tmp_path: Path) -> None:
    async with sample(tmp_path) as http:
        answer = await http.put("/v1/boats/taken", json={"name": "argo"}, headers=operator(tmp_path))
    assert check(answer, 409, "boat-taken")["detail"] == "This boat has a crew."


async def test_a_body_over_the_limit_is_refused(tmp_path: Path) -> None:
    async with sample(tmp_path, max_body_bytes=1024) as http:
        answer = await http.put("/v1/boats/argo", json={"name": SECRET * 100}, headers=operator(tmp_path))
    check(answer, 413, "body-too-large")


async def test_a_host_that_is_not_ours_is_misdirected(tmp_path: Path) -> None:
    async with sample(tmp_path) as http:
        check(await http.get("/v1/boats/argo", headers={"host": "evil.example"}), 421, "misdirected-host")


async def test_too_many_requests_say_when_to_come_back(tmp_path: Path) -> None:
    async with sample(tmp_path, rate_limit="2/hour") as http:
        await http.get("/v1/boats/argo")
        await http.get("/v1/boats/argo")
        answer = await http.get("/v1/boats/argo")
    check(answer, 429, "too-many-requests")
    assert int(answer.headers["retry-after"]) >= 1


async def test_unavailable_says_when_to_come_back_in_whole_seconds(tmp_path: Path) -> None:
    async with sample(tmp_path) as http:
        answer = await http.get("/v1/unavailable")
    check(answer, 503, "unavailable")
    assert answer.headers["retry-after"] == "2"


async def test_a_request_past_its_deadline_is_told_so(tmp_path: Path) -> None:
    async with sample(tmp_path, request_deadline_s=0.05) as http:
        check(await http.get("/v1/slow?seconds=30"), 504, "deadline-exceeded")


async def test_a_failure_in_the_middle_of_a_response_closes_the_connection(tmp_path: Path) -> None:
    app = create(CommonSettings(data_dir=tmp_path))
    async with running(app) as url, httpx.AsyncClient(base_url=url) as http:
        with pytest.raises(httpx.RemoteProtocolError):
            await http.get("/v1/broken-midway")
        assert (await http.get("/health")).status_code == 200


async def test_what_is_not_http_is_answered_with_a_problem(tmp_path: Path) -> None:
    app = create(CommonSettings(data_dir=tmp_path))
    async with running(app) as url:
        raw = await _exchange(url, f"{SECRET}\r\n\r\n".encode())
    head, _, body = raw.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 400")
    assert MEDIA_TYPE.encode() in head
    assert json.loads(body)["type"] == "urn:tillhand:problem:bad-request"
    assert SECRET.encode() not in raw


async def test_every_route_documents_every_status_that_it_gives(tmp_path: Path) -> None:
    async with sample(tmp_path) as http:
        document = (await http.get("/openapi.json")).json()
    assert unsaid(document) == []
    put = document["paths"][BOAT]["put"]["responses"]["409"]["content"][MEDIA_TYPE]
    assert put["schema"] == {"$ref": "#/components/schemas/Problem"}
    assert {"boat-taken", "conflict"} <= put["examples"].keys()
    assert [name for name, operation in operations(document) if takes_idempotency_key(operation)] == ["POST /v1/boats"]
    assert "Problem" in document["components"]["schemas"]
    assert "HTTPValidationError" not in document["components"]["schemas"]


async def test_what_a_description_leaves_unsaid_is_found(tmp_path: Path) -> None:
    async with sample(tmp_path) as http:
        document = (await http.get("/openapi.json")).json()
    put, post = document["paths"][BOAT]["put"], document["paths"]["/v1/boats"]["post"]
    del put["responses"]["415"]
    put["responses"]["404"]["content"] = {"application/json": {}}
    del post["responses"]["409"]["content"][MEDIA_TYPE]["examples"]["idempotency-key-in-use"]
    assert unsaid(document) == [
        f"PUT {BOAT}: 415",
        f"PUT {BOAT}: 404 is no {MEDIA_TYPE}",
        "POST /v1/boats: 409 idempotency-key-in-use",
    ]


def test_every_problem_type_is_one_status_and_named_once() -> None:
    slugs = [problem.slug for problem in COMMON]
    assert len(set(slugs)) == len(slugs)
    assert all(f"{problem.status} {problem.slug}" in (problems.__doc__ or "") for problem in COMMON)


def test_extensions_never_replace_the_standard_members() -> None:
    document = Problem("Plain.", extensions={"status": 200, "type": "about:blank", "left": 3}).document()
    assert (document["status"], document["type"], document["left"]) == (500, "urn:tillhand:problem:internal-error", 3)


@given(st.text(min_size=1), st.sampled_from(["value_error", "union_tag_invalid", "date_parsing", "made_up"]))
def test_the_message_of_a_validator_is_not_published(text: str, kind: str) -> None:
    marked = f"<{text}>"
    error = {"type": kind, "loc": ("body", "name"), "msg": f"Not good, {marked}", "ctx": {"error": marked}}
    document = json.dumps(validation_problem([error], "application/json", {"name"}).document(), ensure_ascii=False)
    assert marked not in document


async def _exchange(url: str, request: bytes) -> bytes:
    host, _, port = url.removeprefix("http://").partition(":")
    async with asyncio.timeout(10):
        reader, writer = await asyncio.open_connection(host, int(port))
        writer.write(request)
        raw = await reader.read()
        writer.close()
    return raw
