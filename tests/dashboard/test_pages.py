"""What every page has: a policy by which nothing foreign runs, files that are kept for good, and a way to say no."""

from __future__ import annotations

import gzip
import re

import httpx
import pytest

from tests.fakes.visitor import Visitor
from tillhand_dashboard.domain.navigation import PAGES

PATHS = ("/", "/styleguide", "/sign-in", "/nothing-here")


@pytest.mark.parametrize("path", PATHS)
async def test_nothing_runs_on_a_page_but_our_own_scripts(operator: Visitor, path: str) -> None:
    page = await operator.open(path)
    policy = page.headers["content-security-policy"]
    [nonce] = re.findall(r"'nonce-([\w-]+)'", policy)
    assert "unsafe" not in policy
    assert "default-src 'none'" in policy
    assert "require-trusted-types-for 'script'; trusted-types htmx" in policy
    assert set(re.findall(r"<script nonce=\"([^\"]*)\"", page.text)) == {nonce}
    assert page.text.count("<script") == page.text.count("<script nonce=")
    assert not re.search(r"\sstyle=|\son[a-z]+=|javascript:|<style", page.text)
    again = await operator.open(path)
    assert nonce not in again.headers["content-security-policy"]


@pytest.mark.parametrize("path", PATHS)
async def test_a_page_is_kept_by_nobody_and_framed_by_nobody(operator: Visitor, path: str) -> None:
    headers = (await operator.open(path)).headers
    assert headers["cache-control"] == "no-store"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    assert headers["cross-origin-opener-policy"] == "same-origin"


async def test_style_and_scripts_are_kept_for_good_and_packed(operator: Visitor, http: httpx.AsyncClient) -> None:
    page = await operator.open("/")
    paths = set(re.findall(r'"(/static/[^"]+)"', page.text))
    assert {re.sub(r"\.[0-9a-f]{12}\.", ".", path) for path in paths} >= {"/static/app.css", "/static/app.js"}
    for path in paths:
        plain = await http.get(path, headers={"accept-encoding": "identity"})
        packed = await http.get(path, headers={"accept-encoding": "gzip"})
        assert plain.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert packed.headers["content-encoding"] == "gzip"
        assert packed.content == plain.content
        assert len(gzip.compress(plain.content)) < 25_000


async def test_an_old_name_of_a_file_is_gone(http: httpx.AsyncClient) -> None:
    assert (await http.get("/static/app.000000000000.css")).status_code == 404
    assert (await http.get("/static/..%2Fsettings.py")).status_code == 404


async def test_a_page_that_is_not_there_is_told_on_a_page(operator: Visitor) -> None:
    page = await operator.open("/nothing-here")
    assert page.status_code == 404
    assert "There is no such page" in operator.text


async def test_a_part_of_a_page_is_refused_by_a_message(operator: Visitor, http: httpx.AsyncClient) -> None:
    headers = {"hx-request": "true", "cookie": f"tillhand_session={operator.cookies['tillhand_session']}"}
    answer = await http.post("/sign-in/out", headers=headers)
    assert answer.status_code == 403
    assert answer.headers["hx-retarget"] == "#toasts"
    assert "<html" not in answer.text


async def test_a_part_of_a_page_leads_to_the_sign_in_when_the_session_is_over(http: httpx.AsyncClient) -> None:
    answer = await http.get("/", headers={"hx-request": "true"})
    assert answer.status_code == 401
    assert answer.headers["hx-redirect"] == "/sign-in"


async def test_every_entry_of_the_navigation_leads_to_a_page(operator: Visitor) -> None:
    for entry in PAGES:
        page = await operator.open(entry.path)
        assert page.status_code == 200
        assert f'href="{entry.path}" aria-current="page"' in page.text


async def test_the_board_without_other_services_is_unknown_and_says_what_to_set(operator: Visitor) -> None:
    page = await operator.open("/")
    assert '<span class="badge unknown">Unknown</span>' in page.text or '<span class="badge bad">' in page.text
    assert '<span class="badge good">Good</span>' not in page.text
    assert "Set TILLHAND_APPROVALS_URL." in operator.text


async def test_a_script_gets_the_changing_part_alone(operator: Visitor) -> None:
    page = await operator.open("/", **{"hx-request": "true"})
    assert page.text.lstrip().startswith('<div id="board"')
    assert "<html" not in page.text


async def test_the_promised_names_of_health_and_metrics_answer_without_a_session(http: httpx.AsyncClient) -> None:
    health = await http.get("/api/health")
    assert (health.status_code, health.json()["status"]) == (200, "ok")
    metrics = await http.get("/app/metrics")
    assert "http_requests_total" in metrics.text
    assert (await http.get("/health")).status_code == 200
