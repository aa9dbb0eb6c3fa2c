"""A browser without JavaScript: it keeps cookies, follows redirects, and sends the forms of the page that it shows."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

import httpx

NAVIGATES = {"accept": "text/html,application/xhtml+xml"}


@dataclass
class Visitor:
    """Shows one page at a time: `page` is the last answer, `path` where it is."""

    http: httpx.AsyncClient
    cookies: dict[str, str] = field(default_factory=dict)
    page: httpx.Response = field(default_factory=lambda: httpx.Response(204))
    path: str = "/"

    async def open(self, path: str, **headers: str) -> httpx.Response:
        """Go to a page, by however many redirects of the console's own."""
        return await self._go("GET", path, {}, headers)

    async def send(
        self,
        action: str = "",
        filled: Mapping[str, str | list[str]] | None = None,
        /,
        *,
        csrf: str | None = None,
        origin: str = "",
        **fields: str,
    ) -> httpx.Response:
        """Send the form of the page, with the token that it holds and what is `filled` in, to where it leads."""
        token = self.token if csrf is None else csrf
        headers = {"origin": origin} if origin else {}
        return await self._go("POST", action or self.path, {"csrf": token, **(filled or {}), **fields}, headers)

    @property
    def token(self) -> str:
        """The token of the forms of this page; empty where it has none."""
        found = re.search(r'name="csrf" value="(\w*)"', self.page.text)
        return "" if found is None else found[1]

    @property
    def form(self) -> dict[str, str | list[str]]:
        """What a browser sends for all forms of the page that nobody has touched, but for tokens and buttons."""
        found = _Controls()
        found.feed(self.page.text)
        return {name: those[0] if len(those) == 1 else those for name, those in found.sent.items() if name != "csrf"}

    @property
    def text(self) -> str:
        """The page without its markup."""
        return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", self.page.text)))

    async def enter(self, link: str) -> httpx.Response:
        """Sign in with a link."""
        await self.open(urlsplit(link).path)
        return await self.send(password="", again="")

    async def _go(
        self, method: str, path: str, fields: Mapping[str, str | list[str]], headers: dict[str, str]
    ) -> httpx.Response:
        for _ in range(5):
            self.page = await self._ask(method, path, fields, headers)
            self.path = urlsplit(path).path
            following = self.page.headers.get("location", "")
            if not self.page.is_redirect or urlsplit(following).netloc:
                return self.page
            method, path, fields = "GET", urljoin(path, following), {}
        raise AssertionError("it redirects for ever")

    async def _ask(
        self, method: str, path: str, fields: Mapping[str, str | list[str]], headers: dict[str, str]
    ) -> httpx.Response:
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        sent = {**NAVIGATES, **headers, **({"cookie": cookies} if cookies else {})}
        answer = await self.http.request(method, path, data=fields or None, headers=sent)
        for name, value in answer.cookies.items():
            self.cookies[name] = value
        for given in answer.headers.get_list("set-cookie"):
            if "Max-Age=0" in given:
                self.cookies.pop(given.partition("=")[0], None)
        self.http.cookies.clear()
        return answer


class _Controls(HTMLParser):
    """What stands in the controls of a page, by their names."""

    def __init__(self) -> None:
        super().__init__()
        self.sent: dict[str, list[str]] = {}
        self._select = self._area = ""
        self._options: list[tuple[str, bool]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take in what stands in an attribute."""
        given = {name: value or "" for name, value in attrs}
        name = given.get("name", "")
        if tag == "select":
            self._select, self._options = name, []
        elif tag == "option":
            self._options.append((given.get("value", ""), "selected" in given))
        elif tag == "textarea":
            self._area = name
            self.sent.setdefault(name, []).append("")
        elif tag == "input" and name and given.get("type") not in ("checkbox", "radio"):
            self.sent.setdefault(name, []).append(given.get("value", ""))

    def handle_data(self, data: str) -> None:
        """Take in what stands in a text area, whose first line feed does not count."""
        if self._area:
            self.sent[self._area][-1] += data

    def handle_endtag(self, tag: str) -> None:
        """Take in what is selected, or else the first."""
        if tag == "textarea":
            self.sent[self._area][-1] = self.sent[self._area][-1].removeprefix("\n")
            self._area = ""
        elif tag == "select":
            chosen = [value for value, selected in self._options if selected]
            self.sent.setdefault(self._select, []).append((chosen or [self._options[0][0]])[0])
