"""How often one caller may ask."""

from pathlib import Path

import httpx
import pytest
from fastapi import APIRouter, FastAPI
from limits import parse

from tillhand_common.app import ServiceSpec, create_app
from tillhand_common.keys import KeyStore, store_path
from tillhand_common.rate_storage import WindowStorage
from tillhand_common.settings import CommonSettings
from tillhand_common.testing import client

router = APIRouter(prefix="/v1")


@router.get("/ping")
async def ping() -> dict[str, str]:
    """Answer."""
    return {"status": "ok"}


def service(data_dir: Path, rate_limit: str) -> FastAPI:
    """Return a service with this rate limit."""
    settings = CommonSettings(data_dir=data_dir, rate_limit=rate_limit)
    return create_app(ServiceSpec("sample", "1", "Sample", "Sample.", settings, routers=(router,)))


@pytest.fixture
def operator(tmp_path: Path) -> str:
    """Return the token of a key."""
    return KeyStore(store_path(tmp_path)).create("operator", "operator").token


async def test_a_caller_over_its_rate_is_told_when_to_come_back(tmp_path: Path, operator: str) -> None:
    async with client(service(tmp_path, rate_limit="3/hour"), key=operator) as http:
        left = [(await http.get("/v1/ping")).headers["ratelimit"].split(";")[1] for _ in range(3)]
        response = await http.get("/v1/ping")
    assert left == ["r=2", "r=1", "r=0"]
    assert (response.status_code, response.json()["type"]) == (429, "urn:tillhand:problem:too-many-requests")
    assert response.headers["ratelimit-policy"] == '"default";q=3;w=3600'
    wait_s = int(response.headers["retry-after"])
    assert 1 <= wait_s <= 3600
    assert response.headers["ratelimit"] == f'"default";r=0;t={wait_s}'


async def test_each_key_and_each_address_has_a_rate_of_its_own(tmp_path: Path, operator: str) -> None:
    app = service(tmp_path, rate_limit="1/hour")
    async with client(app) as http:
        bearer = {"authorization": f"Bearer {operator}"}
        assert [(await http.get("/v1/ping")).status_code for _ in range(2)] == [200, 429]
        assert [(await http.get("/v1/ping", headers=bearer)).status_code for _ in range(2)] == [200, 429]
        other = httpx.ASGITransport(app, client=("127.0.0.2", 1))
        async with httpx.AsyncClient(transport=other, base_url="http://localhost") as neighbour:
            assert (await neighbour.get("/v1/ping")).status_code == 200


async def test_probes_are_not_counted_and_refused_keys_neither(tmp_path: Path, operator: str) -> None:
    async with client(service(tmp_path, rate_limit="1/hour"), key=operator) as http:
        for path in ("/health", "/ready", "/metrics"):
            assert "ratelimit" not in (await http.get(path)).headers
        assert (await http.get("/v1/ping", headers={"authorization": "Bearer no"})).status_code == 401
        assert (await http.get("/v1/ping")).status_code == 200


async def test_a_rate_that_is_off_counts_nothing(tmp_path: Path) -> None:
    async with client(service(tmp_path, rate_limit="off")) as http:
        assert "ratelimit" not in (await http.get("/v1/ping")).headers


class Ticker:
    """Seconds that move when told to."""

    now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


def hits(storage: WindowStorage, rate: str, caller: str, times: int) -> int:
    """Return how many of so many requests are admitted."""
    limit = parse(rate)
    return sum(storage.acquire_sliding_window_entry(caller, limit.amount, limit.get_expiry()) for _ in range(times))


def test_what_was_used_comes_back_as_time_passes() -> None:
    ticker = Ticker()
    ticker.now -= ticker.now % 60
    storage = WindowStorage(ticker)
    assert hits(storage, "60/minute", "a", 100) == 60
    ticker.now += 60  # the next window: all of the last one still weighs
    assert hits(storage, "60/minute", "a", 100) == 0
    ticker.now += 30  # half of it
    assert hits(storage, "60/minute", "a", 100) == 30
    ticker.now += 120  # none of it
    assert hits(storage, "60/minute", "a", 100) == 60


def test_a_caller_that_never_pauses_gets_its_rate_and_one_burst() -> None:
    ticker = Ticker()
    storage = WindowStorage(ticker)
    admitted: list[float] = []
    for _ in range(600):
        admitted += [ticker.now] * hits(storage, "60/minute", "a", 3)
        ticker.now += 0.7
    assert 7 * 60 - 5 <= len(admitted) <= 7 * 60 + 60
    # The burst is at the start; afterwards requests come back one by one, not all at the turn of a minute.
    later = admitted[60:]
    assert max(sum(start <= at < start + 6 for at in later) for start in later) <= 12


def test_callers_that_left_are_forgotten_and_the_others_are_not() -> None:
    ticker = Ticker()
    storage = WindowStorage(ticker)
    assert hits(storage, "1/hour", "patient", 1) == 1
    for number in range(5000):
        assert hits(storage, "1/second", f"caller {number}", 2) == 1
        ticker.now += 0.01
    assert hits(storage, "1/hour", "patient", 1) == 0
    assert len(storage._windows) < 2048  # noqa: SLF001  # memory has no public door
