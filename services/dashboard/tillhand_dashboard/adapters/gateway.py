"""One other service, asked in the name of whoever is signed in. What goes wrong is a value that a page can show.

Here alone is it seen to that a person's role reaches as far as the call: the console's own key reaches further than any
viewer may. The other service sees both, the key and the person.
"""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any, Final, TypeVar, Unpack

from pydantic import SecretStr, ValidationError

from tillhand_common.actor import Actor, ActorSigner
from tillhand_common.errors import UpstreamError, UpstreamProtocolError, UpstreamRejected
from tillhand_common.http import (
    Method,
    Options,
    Resilience,
    RetryPolicy,
    Timeouts,
    UpstreamClient,
    UpstreamMetrics,
    UpstreamResponse,
)
from tillhand_common.sse_reader import EventDecoder, EventOversized
from tillhand_dashboard.domain.accounts import Person
from tillhand_dashboard.domain.results import Failure, Fault, Found, Result
from tillhand_dashboard.ports.approvals import Relayed
from tillhand_dashboard.ports.views import Attached, Download

T = TypeVar("T")
Call = tuple[Method, str]
"""Method and path."""
RESET_S: Final = 2.0
"""The services are near by: one that was away is asked again soon."""
NEVER: Final = 10**9
SILENCE_S: Final = 45.0
"""Seconds without a heartbeat after which a stream counts as lost."""
TENANT: Final = "default"
TITLES: Final = {
    "approvals": "The approvals",
    "mcp": "The connectors",
    "analytics": "Analytics",
    "rag": "The knowledge base",
}
PASSED_ON: Final = (
    "content-type",
    "content-length",
    "content-disposition",
    "content-digest",
    "repr-digest",
    "etag",
    "cache-control",
    "tillhand-mode",
    "tillhand-rows",
)
"""What a file says of itself: how real it is, how much of it there is, what it is called, its digest."""
IN_USE_WAITS_S: Final = (0.05, 0.1, 0.2, 0.4, 0.8, 1.6)
"""Before what was asked under a key is asked again, while the first click on the same form is still being answered."""
_REFUSED_KEY: Final = frozenset({401, 403})


@dataclass(frozen=True, slots=True)
class Credentials:
    """With what the others are asked: the console's own key, and what signs in whose name it asks."""

    key: SecretStr | None
    signer: ActorSigner | None

    @property
    def key_id(self) -> str:
        """The id of the key, which is no secret; empty where it is none of ours."""
        parts = self.key.get_secret_value().split("_") if self.key is not None else []
        return parts[2] if len(parts) == len(("th", "kind", "id", "secret")) else ""


class Gateway:
    """Asks one service, in the name of whoever is signed in."""

    def __init__(
        self,
        name: str,
        base_url: str,
        credentials: Credentials,
        *,
        metrics: UpstreamMetrics | None = None,
        timeout_s: float = 15.0,
    ) -> None:
        self.name = name
        self.title: Final = TITLES[name]
        self._signer = credentials.signer
        self._http: UpstreamClient | None = None
        self._streams: UpstreamClient | None = None
        if base_url:
            resilience = Resilience(name, reset_timeout_s=RESET_S, metrics=metrics)
            self._http = UpstreamClient(
                name, base_url, bearer=credentials.key, timeouts=Timeouts(total_s=timeout_s), resilience=resilience
            )
            # Whoever hears a stream waits between attempts by itself: a breaker would only keep it waiting longer.
            patient = Resilience(f"{name}-feed", failure_threshold=NEVER, retry=RetryPolicy(attempts=1))
            self._streams = UpstreamClient(
                name, base_url, bearer=credentials.key, timeouts=Timeouts(read_s=SILENCE_S), resilience=patient
            )

    async def aclose(self) -> None:
        """Close all connections."""
        for client in (self._http, self._streams):
            if client is not None:
                await client.aclose()

    async def ask(
        self,
        person: Person,
        scope: str,
        call: Call,
        read: Callable[[Any], T],
        parse: Callable[[UpstreamResponse], Any] = UpstreamResponse.json,
        **options: Unpack[Options],
    ) -> Result[T]:
        """What `read` makes of the JSON that comes back, as `parse` reads it; None of an empty answer."""
        sent = await self._send(person, scope, call, options)
        if isinstance(sent, Failure):
            return sent
        try:
            return Found(read(parse(sent.value) if sent.value.body else None))
        except (UpstreamProtocolError, ValidationError, KeyError, TypeError):
            return self._unreadable()

    async def attached(self, person: Person, scope: str, path: str, **options: Unpack[Options]) -> Result[Attached]:
        """A picture, whole."""
        sent = await self._send(person, scope, ("GET", path), options)
        if isinstance(sent, Failure):
            return sent
        headers = sent.value.headers
        return Found(
            Attached(
                content=sent.value.body,
                media_type=headers.get("content-type", "application/octet-stream"),
                mode=headers.get("tillhand-mode", ""),
                policy=headers.get("content-security-policy", ""),
            )
        )

    async def download(self, person: Person, scope: str, path: str, **options: Unpack[Options]) -> Result[Download]:
        """A file, of which no more is held here than its reader has not taken yet. Whoever has it closes it."""
        if (failure := self._barred(person, scope)) is not None or self._streams is None:
            return failure or self.unset()
        named = self._named(person, options)
        # Packed, it would have another length than the one that is promised.
        named["headers"] = {**named.get("headers", {}), "accept-encoding": "identity"}
        stack = AsyncExitStack()
        try:
            stream = await stack.enter_async_context(self._streams.stream("GET", path, **named))
        except UpstreamError as error:
            return self._failure(error)
        headers = {name: stream.headers[name] for name in PASSED_ON if name in stream.headers}
        return Found(Download(stream.status, headers, stream.chunks(), stack.aclose))

    async def stream(
        self, person: Person, scope: str, call: Call, **options: Unpack[Options]
    ) -> AsyncGenerator[Relayed | Failure, None]:
        """The events of an answer as they come; a failure is the last of them."""
        if (failure := self._barred(person, scope)) is not None:
            yield failure
            return
        try:
            async for event in self.events(*call, **self._named(person, options)):
                yield event
        except UpstreamError as error:
            yield self._failure(error)

    async def events(self, method: Method, path: str, **options: Unpack[Options]) -> AsyncGenerator[Relayed, None]:
        """The same for the console itself. Raises `UpstreamError`."""
        assert self._streams is not None  # noqa: S101  # whoever asks has looked at `connected`
        options["headers"] = {**options.get("headers", {}), "accept": "text/event-stream"}
        decoder = EventDecoder()
        async with self._streams.stream(method, path, **options) as stream:
            yield Relayed(None, "open", b"")
            try:
                async for chunk in stream.chunks():
                    for event in decoder.feed(chunk):
                        yield Relayed(event.id, event.name, event.data)
            except EventOversized as error:
                raise UpstreamProtocolError(self.name, "sent an event that is too large") from error

    async def tell(self, path: str, body: object, person: Person | None = None, *, key: str = "") -> None:
        """Say something in the console's own name, or somebody's; by one key, once. Raises `UpstreamError`."""
        if self._http is not None:
            options: Options = {"json": body, "idempotency_key": key or secrets.token_hex(16)}
            await self._http.request("POST", path, **(options if person is None else self._named(person, options)))

    @property
    def connected(self) -> bool:
        """Whether an address is set."""
        return self._http is not None

    def unset(self) -> Failure:
        """What is told where no address is set."""
        return Failure("unset", f"{self.title} are not connected.", f"Set TILLHAND_{self.name.upper()}_URL.")

    async def _send(self, person: Person, scope: str, call: Call, options: Options) -> Result[UpstreamResponse]:
        if (failure := self._barred(person, scope)) is not None or self._http is None:
            return failure or self.unset()
        for wait_s in IN_USE_WAITS_S:
            sent = await self._sent(self._http, call, self._named(person, options))
            if not isinstance(sent, Failure) or sent.slug != "idempotency-key-in-use":
                break
            await asyncio.sleep(wait_s)
        return sent

    async def _sent(self, http: UpstreamClient, call: Call, options: Options) -> Result[UpstreamResponse]:
        try:
            return Found(await http.request(*call, **options))
        except UpstreamError as error:
            return self._failure(error)

    def _barred(self, person: Person, scope: str) -> Failure | None:
        if not self.connected:
            return self.unset()
        if not person.may(scope):
            return Failure("not-allowed", f"Your role, {person.role}, does not reach that far.", "Ask an admin.")
        return None

    def _named(self, person: Person, options: Options) -> Options:
        if self._signer is None:
            return options
        actor = Actor(person.name, "operator", TENANT, frozenset({person.role}))
        return {**options, "headers": {**options.get("headers", {}), **self._signer.header(actor, self.name)}}

    def _failure(self, error: UpstreamError) -> Failure:
        if not isinstance(error, UpstreamRejected):
            return Failure("away", f"{self.title}: no answer.", "The console asks again by itself.")
        problem = _problem(error.body)
        said = str(problem.get("detail") or problem.get("title") or f"{self.title} said no.")
        slug = str(problem.get("type", "")).rpartition(":")[2]
        remedy = ""
        if error.upstream_status in _REFUSED_KEY and slug in {"unauthorized", "forbidden", "invalid-actor"}:
            remedy = "See docs/dashboard.md about the console's key, TILLHAND_DASHBOARD_KEY."
        at = str(problem.get("field") or "")
        return Failure("refused", said, remedy, slug, error.upstream_status, _faults(problem), at)

    def _unreadable(self) -> Failure:
        return Failure("unreadable", f"{self.title}: an answer of another kind came.", "Are both of the same version?")


def _problem(body: bytes) -> Mapping[str, Any]:
    try:
        problem = json.loads(body)
    except ValueError:
        return {}
    return problem if isinstance(problem, dict) else {}


def _faults(problem: Mapping[str, Any]) -> tuple[Fault, ...]:
    listed = problem.get("faults")
    rows = [each for each in listed if isinstance(each, dict)] if isinstance(listed, list) else []
    return tuple(Fault(str(each.get("pointer", "")), str(each.get("message", ""))) for each in rows)


def given(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Parameters without those that are not set."""
    return {name: value for name, value in parameters.items() if value not in (None, "", [], ())}
