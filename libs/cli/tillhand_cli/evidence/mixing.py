"""What the load asks of each service: requests that people and agents send all day, a few of each kind."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import quote, urlsplit

from tillhand_cli.bench.plan import Kind, Request
from tillhand_cli.errors import CommandError, ExitCode
from tillhand_cli.evidence.scene import Scene

PASSWORD: Final = "four words of evidence"  # noqa: S105  # of an account that lives for one run
FORM: Final = re.compile(r'name="csrf" value="([0-9a-f]+)"')
COOKIE: Final = re.compile(r"(tillhand_[a-z]+)=([^;,]*)")
SEE_OTHER: Final = 303


@dataclass(frozen=True, slots=True)
class Asked:
    """What one service is asked, in turn, and as whom."""

    service: str
    who: str | None
    requests: Sequence[Request]
    cookies: Mapping[str, str] = field(default_factory=dict)

    @property
    def kinds(self) -> list[Kind]:
        """All kinds that are asked."""
        return list(dict.fromkeys(request.kind for request in self.requests))

    def turn(self, number: int) -> Request:
        """The request of this number: the kinds follow one another, and no question is asked twice."""
        request = self.requests[number % len(self.requests)]
        body = {name: _counted(value, number) for name, value in (request.body or {}).items()}
        return Request(request.kind, request.path, body or None, request.headers)


def _counted(value: object, number: int) -> object:
    return value.replace("%d", str(number)) if isinstance(value, str) else value


async def mixes(scene: Scene) -> list[Asked]:
    """What is asked of all five. Signs in at the console for it. Raises CommandError when that fails."""
    documents = (await scene.ask("rag", "/v1/documents", who="operator")).json()["items"]
    return [
        Asked("rag", "agent", list(_rag(documents[0]["id"]))),
        Asked("mcp", "agent", [_post("POST /v1/tools/{name}", "/v1/tools/shopify_products", arguments={"limit": 3})]),
        Asked("approvals", "operator", [_get("/v1/proposals"), _get("/v1/audit")]),
        Asked("approvals", "agent", [_post("POST /v1/proposals", "/v1/proposals", **PROPOSAL)]),
        Asked("analytics", "operator", [_get(f"/v1/{path}") for path in FIGURES]),
        Asked("dashboard", None, [_get("/"), _get("/approvals")], await _signed_in(scene)),
    ]


PROPOSAL: Final[Mapping[str, Any]] = {
    "tool": "bing_submit_url",
    "arguments": {"url": "https://brackenlane.example/"},
    "justification": "Page %d of the season is new.",
}


FIGURES: Final = ("inventory/skus", "sales/kpis", "seo/findings")


def _rag(document: str) -> Iterator[Request]:
    yield _post("POST /v1/search", "/v1/search", query="Within how many days can goods be sent back, asked %d")
    yield _post("POST /v1/answers", "/v1/answers", question="What does shipping of a small order cost, asked %d?")
    yield _get("/v1/documents")
    yield Request(
        Kind("text", "GET", "/v1/documents/{document_id}/text", "", 1), f"/v1/documents/{quote(document, safe='')}/text"
    )


def _get(path: str) -> Request:
    return Request(Kind(path, "GET", path, "", 1), path)


def _post(route: str, path: str, **body: Any) -> Request:  # noqa: ANN401  # what JSON holds
    return Request(Kind(route, "POST", route.removeprefix("POST "), "", 1), path, body)


async def _signed_in(scene: Scene) -> Mapping[str, str]:
    """The cookies of the console's first operator, by the link of the first start."""
    link = (scene.platform.folder / "keys" / "sign-in-link").read_text(encoding="ascii").strip()
    path = urlsplit(link).path
    page = await scene.ask("dashboard", path)
    token, visit = FORM.search(page.text), dict(COOKIE.findall(page.headers.get("set-cookie", "")))
    form = {"csrf": token[1] if token else "", "password": PASSWORD, "again": PASSWORD}
    async with scene.client("dashboard", **visit) as client:
        answer = await client.request("POST", path, data=form, accept=frozenset({SEE_OTHER, *range(400, 600)}))
    cookies = dict(COOKIE.findall(answer.headers.get("set-cookie", "")))
    if "tillhand_session" not in cookies:
        raise CommandError(f"The console let nobody in ({answer.status}).", code=ExitCode.DENIED)
    return {"tillhand_session": cookies["tillhand_session"]}
