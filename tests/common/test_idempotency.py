"""Idempotency keys: what a repetition gets, through a service whose routes count how often they run."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from fastapi import FastAPI

from tests.fakes.harbour import Harbour, service
from tillhand_common.actor import Actor, ActorSigner, ActorVerifier
from tillhand_common.keys import KeyStore, store_path
from tillhand_common.problems import Conflict
from tillhand_common.testing import client


@pytest.fixture
def app(tmp_path: Path) -> FastAPI:
    """Return the service."""
    return service(tmp_path)


@pytest.fixture
def shared(app: FastAPI) -> Harbour:
    """Return what the routes share with the test."""
    found: Harbour = app.state.harbour
    return found


@pytest.fixture
def keys(tmp_path: Path) -> KeyStore:
    """Return the key store."""
    return KeyStore(store_path(tmp_path))


@pytest.fixture
async def http(app: FastAPI, keys: KeyStore) -> AsyncIterator[httpx.AsyncClient]:
    """Return a client with a key that may write."""
    async with client(app, key=keys.create("writer", "operator").token) as opened:
        yield opened


def under(key: str) -> dict[str, str]:
    """Return the header."""
    return {"idempotency-key": key}


def kept_in(folder: Path) -> list[Path]:
    """Return the files in which answers are kept."""
    files = list(folder.glob("idempotency*"))
    assert files
    return files


def slug(response: httpx.Response, status: int) -> str:
    """Return which problem a response of this status is."""
    assert response.status_code == status, response.text
    return str(response.json()["type"]).removeprefix("urn:tillhand:problem:")


async def test_a_repetition_gets_the_first_answer_and_is_not_done_again(
    http: httpx.AsyncClient, shared: Harbour
) -> None:
    first = await http.post("/v1/boats", json={"name": "Anna"}, headers=under("k1"))
    again = await http.post("/v1/boats", json={"name": "Anna"}, headers=under("k1"))
    assert first.json() == again.json() == {"id": 1, "name": "Anna"}
    assert (again.status_code, again.headers["location"]) == (201, "/v1/boats/1")
    assert "idempotency-replayed" not in first.headers
    assert again.headers["idempotency-replayed"] == "true"
    assert ("set-cookie" in first.headers, "set-cookie" in again.headers) == (True, False)
    assert first.headers["x-request-id"] != again.headers["x-request-id"]
    assert shared.runs == 1


async def test_another_key_or_none_is_another_request(http: httpx.AsyncClient, shared: Harbour) -> None:
    for headers in (under("k1"), under("k2"), {}, {}):
        await http.post("/v1/boats", json={"name": "Anna"}, headers=headers)
    assert shared.runs == 4


@pytest.mark.parametrize(
    ("path", "body"), [("/v1/boats", b'{"name":"Berta"}'), ("/v1/boats?dry=1", b'{"name":"Anna"}')]
)
async def test_a_key_used_for_another_request_is_refused(
    http: httpx.AsyncClient, shared: Harbour, path: str, body: bytes
) -> None:
    headers = {**under("k1"), "content-type": "application/json"}
    await http.post("/v1/boats", content=b'{"name":"Anna"}', headers=headers)
    assert slug(await http.post(path, content=body, headers=headers), 422) == "idempotency-key-reused"
    assert shared.runs == 1


async def test_a_repetition_while_the_first_still_runs_is_told_so(http: httpx.AsyncClient, shared: Harbour) -> None:
    shared.go_on.clear()
    async with asyncio.timeout(10):
        first = asyncio.create_task(http.post("/v1/boats", json={"name": "Anna"}, headers=under("k1")))
        await shared.begun.wait()
        again = await http.post("/v1/boats", json={"name": "Anna"}, headers=under("k1"))
        shared.go_on.set()
        assert (await first).status_code == 201
    assert slug(again, 409) == "idempotency-key-in-use"
    assert again.headers["retry-after"] == "1"
    assert shared.runs == 1


async def test_fifty_repetitions_at_once_are_done_once(http: httpx.AsyncClient, shared: Harbour) -> None:
    answers = await asyncio.gather(
        *(http.post("/v1/boats", json={"name": "Anna"}, headers=under("k1")) for _ in range(50))
    )
    assert shared.runs == 1
    assert {answer.status_code for answer in answers} <= {201, 409}
    assert sum(answer.status_code == 201 for answer in answers) >= 1


@pytest.mark.parametrize("failure", [Conflict("The berth is taken."), RuntimeError("a defect")], ids=["409", "500"])
async def test_a_request_that_failed_with_an_answer_may_be_tried_again(
    http: httpx.AsyncClient, shared: Harbour, failure: Exception
) -> None:
    shared.failures.append(failure)
    first = await http.post("/v1/boats", json={"name": "Anna"}, headers=under("k1"))
    assert first.status_code in {409, 500}
    again = await http.post("/v1/boats", json={"name": "Anna"}, headers=under("k1"))
    assert (again.status_code, shared.runs) == (201, 2)


async def test_input_that_was_refused_may_be_corrected_under_the_same_key(http: httpx.AsyncClient) -> None:
    assert (await http.post("/v1/boats", json={"nam": "Anna"}, headers=under("k1"))).status_code == 422
    assert (await http.post("/v1/boats", json={"name": "Anna"}, headers=under("k1"))).status_code == 201


async def test_a_request_cut_by_its_deadline_has_an_unknown_outcome(tmp_path: Path, keys: KeyStore) -> None:
    app = service(tmp_path, request_deadline_s=0.1)
    app.state.harbour.go_on.clear()
    async with client(app, key=keys.create("writer", "operator").token) as http:
        first = await http.post("/v1/boats", json={"name": "Anna"}, headers=under("k1"))
        assert slug(first, 504) == "deadline-exceeded"
        app.state.harbour.go_on.set()
        again = await http.post("/v1/boats", json={"name": "Anna"}, headers=under("k1"))
    assert slug(again, 409) == "idempotency-outcome-unknown"
    assert app.state.harbour.runs == 1


async def test_answers_survive_the_process_and_what_was_running_is_unknown(tmp_path: Path, keys: KeyStore) -> None:
    token = keys.create("writer", "operator").token
    async with client(service(tmp_path), key=token) as http:
        await http.post("/v1/boats", json={"name": "Anna"}, headers=under("k1"))
        await http.post("/v1/boats", json={"name": "Anna"}, headers=under("k2"))
    (file,) = kept_in(tmp_path)
    with sqlite3.connect(file) as database:  # as if the process had died while it served the second
        database.execute("UPDATE requests SET state = 'running' WHERE key = 'k2'")
    database.close()
    app = service(tmp_path)
    async with client(app, key=token) as http:
        again = await http.post("/v1/boats", json={"name": "Anna"}, headers=under("k1"))
        assert (again.status_code, again.headers["idempotency-replayed"]) == (201, "true")
        lost = await http.post("/v1/boats", json={"name": "Anna"}, headers=under("k2"))
        assert slug(lost, 409) == "idempotency-outcome-unknown"
    assert app.state.harbour.runs == 0


async def test_keys_of_different_callers_and_routes_never_meet(
    http: httpx.AsyncClient, shared: Harbour, keys: KeyStore
) -> None:
    other = {"authorization": f"Bearer {keys.create('other', 'operator').token}"}
    await http.post("/v1/boats", json={"name": "Anna"}, headers=under("k1"))
    answer = await http.post("/v1/boats", json={"name": "Berta"}, headers={**under("k1"), **other})
    assert answer.json() == {"id": 2, "name": "Berta"}
    await http.post("/v1/boats/7/trips", headers=under("k1"))
    assert shared.runs == 3


async def test_actors_behind_one_key_never_meet(app: FastAPI, shared: Harbour, keys: KeyStore) -> None:
    private_key, made = Ed25519PrivateKey.generate(), keys.create("console", "service")
    app.state.actors = ActorVerifier([private_key.public_key()], "sample")
    signer = ActorSigner(private_key, made.key.id)
    async with client(app, key=made.token) as http:
        for subject, runs in (("anna", 1), ("berta", 2), ("anna", 2)):
            actor = signer.header(Actor(subject, "operator", "default"), "sample")
            await http.post("/v1/boats", json={"name": "Anna"}, headers={**under("k1"), **actor})
            assert shared.runs == runs


async def test_a_rotated_key_still_finds_its_answers(http: httpx.AsyncClient, shared: Harbour, keys: KeyStore) -> None:
    await http.post("/v1/boats", json={"name": "Anna"}, headers=under("k1"))
    rotated = {"authorization": f"Bearer {keys.rotate('writer').token}"}
    again = await http.post("/v1/boats", json={"name": "Anna"}, headers={**under("k1"), **rotated})
    assert (again.headers["idempotency-replayed"], shared.runs) == ("true", 1)


async def test_a_template_is_one_route_and_its_paths_are_different_requests(
    http: httpx.AsyncClient, shared: Harbour
) -> None:
    await http.post("/v1/boats/1/trips", headers=under("k1"))
    assert (await http.post("/v1/boats/1/trips", headers=under("k1"))).json() == {"boat": "1", "run": 1}
    assert slug(await http.post("/v1/boats/2/trips", headers=under("k1")), 422) == "idempotency-key-reused"
    assert shared.runs == 1


async def test_a_route_that_did_not_ask_for_it_ignores_the_key(http: httpx.AsyncClient, shared: Harbour) -> None:
    for _ in range(2):
        await http.post("/v1/plain", headers=under("k1"))
    assert shared.runs == 2


async def test_a_form_is_the_same_whatever_boundary_its_client_draws(http: httpx.AsyncClient, shared: Harbour) -> None:
    async def send(content: bytes) -> httpx.Response:
        files = {"file": ("a.md", content, "text/markdown")}
        return await http.post("/v1/cargo", data={"manifest": "m"}, files=files, headers=under("k1"))

    first, again = await send(b"# A"), await send(b"# A")
    assert first.request.headers["content-type"] != again.request.headers["content-type"]
    assert first.json() == again.json() == {"manifest": "m", "bytes": 3, "run": 1}
    assert slug(await send(b"# B"), 422) == "idempotency-key-reused"
    assert shared.runs == 1


@pytest.mark.parametrize("path", ["/v1/large?mib=1.1", "/v1/streamed"])
async def test_an_answer_that_cannot_be_kept_is_not_done_again_either(
    http: httpx.AsyncClient, shared: Harbour, path: str
) -> None:
    assert (await http.post(path, headers=under("k1"))).status_code == 200
    assert slug(await http.post(path, headers=under("k1")), 409) == "idempotency-answer-not-kept"
    assert slug(await http.post(f"{path}#", content=b"x", headers=under("k1")), 422) == "idempotency-key-reused"
    assert shared.runs == 1


async def test_an_answer_of_one_mib_is_kept(http: httpx.AsyncClient, shared: Harbour) -> None:
    for _ in range(2):
        assert len((await http.post("/v1/large?mib=1", headers=under("k1"))).content) == 1024 * 1024
    assert shared.runs == 1


@pytest.mark.parametrize("key", ["", "a b", "x" * 256, "é"])
async def test_a_key_that_is_no_key_is_refused(http: httpx.AsyncClient, shared: Harbour, key: str) -> None:
    response = await http.post("/v1/boats", json={"name": "Anna"}, headers={b"idempotency-key": key.encode()})
    assert slug(response, 400) == "bad-request"
    assert response.json()["field"] == "header.Idempotency-Key"
    assert shared.runs == 0


async def test_a_caller_who_may_not_write_learns_nothing_and_keeps_nothing(
    http: httpx.AsyncClient, shared: Harbour, keys: KeyStore
) -> None:
    reader = {"authorization": f"Bearer {keys.create('reader', 'agent').token}"}
    for _ in range(2):
        response = await http.post("/v1/boats", json={"name": "Anna"}, headers={**under("k1"), **reader})
        assert slug(response, 403) == "forbidden"
    assert shared.runs == 0


async def test_the_file_is_private_and_holds_no_key(tmp_path: Path, keys: KeyStore) -> None:
    token = keys.create("writer", "operator").token
    async with client(service(tmp_path), key=token) as http:
        await http.post("/v1/boats", json={"name": "Anna"}, headers=under("k1"))
    for file in kept_in(tmp_path):
        assert file.stat().st_mode & 0o777 == 0o600
        assert token.encode() not in file.read_bytes()
