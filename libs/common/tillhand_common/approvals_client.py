"""The approvals for agents and executors: propose, wait, run once what was approved, say what came of it.

async with ApprovalsClient("http://127.0.0.1:8003", key) as approvals:
    proposal = await approvals.propose("stock_set", {"sku": "A-1", "count": 3}, justification="Counted today.")
    decided = await approvals.wait(proposal.id)
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import secrets
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Collection, Iterator, Mapping, Sequence
from contextlib import aclosing
from random import SystemRandom
from types import TracebackType
from typing import Any, Final, Literal, Self, TypeVar

from pydantic import BaseModel, SecretStr, ValidationError

from tillhand_common.approvals_models import (
    DECIDED,
    Beat,
    FeedEvent,
    Leased,
    ProposalView,
    State,
    Work,
)
from tillhand_common.approvals_refusal import Refused, place, refused
from tillhand_common.errors import UpstreamError, UpstreamProtocolError, UpstreamRejected, UpstreamThrottled
from tillhand_common.http import Method, Resilience, Timeouts, UpstreamClient
from tillhand_common.sse_reader import EventDecoder, EventOversized, ReceivedEvent

__all__ = ["ApprovalsClient", "Refused"]

NAME: Final = "approvals"
SILENCE_S: Final = 45.0
"""Seconds without a heartbeat after which the feed counts as lost."""
_OF_THE_STREAM: Final = frozenset({"heartbeat", "farewell", "position"})
_STILL_RUNNING: Final = "idempotency-key-in-use"
_FIRST_WAIT_S: Final = 0.2
_LONGEST_WAIT_S: Final = 5.0
_CHANCE: Final = SystemRandom()

View = TypeVar("View", bound=BaseModel)
Headers = Callable[[], Mapping[str, str]]
Result = Literal["executed", "failed", "outcome_unknown"]


class ApprovalsClient:
    """One tenant's approvals. `headers` go with every call, such as the actor in whose name a service speaks.

    Every call raises `Refused` where it is answered with a 4xx status, else `UpstreamError`. Proposing, taking a lease
    and reporting carry an idempotency key, so that a lost answer is asked for again and nothing happens twice.
    """

    def __init__(
        self,
        base_url: str,
        key: SecretStr | None,
        *,
        headers: Headers = dict,
        timeouts: Timeouts | None = None,
        resilience: Resilience | None = None,
    ) -> None:
        self._headers = headers
        self._http = UpstreamClient(NAME, base_url, bearer=key, timeouts=timeouts, resilience=resilience)
        self._feed = UpstreamClient(NAME, base_url, bearer=key, timeouts=Timeouts(read_s=SILENCE_S))

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Close all connections."""
        await asyncio.gather(self._http.aclose(), self._feed.aclose())

    async def propose(
        self,
        tool: str,
        arguments: Mapping[str, Any],
        *,
        justification: str = "",
        evidence: Sequence[Mapping[str, Any]] = (),
        idempotency_key: str | None = None,
        **more: Any,  # noqa: ANN401  # `risk`, `expires_in_s`, `on_behalf_of`, `revises`, as the route takes them
    ) -> ProposalView:
        """Propose that a tool be called; the same key brings the same proposal again."""
        body = {
            "tool": tool,
            "arguments": dict(arguments),
            "justification": justification,
            "evidence": [dict(each) for each in evidence],
            **more,
        }
        key = idempotency_key or secrets.token_hex(16)
        return _read(ProposalView, await self._call("POST", "/v1/proposals", body, key))

    async def proposal(self, proposal_id: str) -> ProposalView:
        """A proposal as it is now."""
        return _read(ProposalView, await self._call("GET", place(proposal_id)))

    async def cancel(self, proposal_id: str, note: str = "") -> ProposalView:
        """Withdraw one's own proposal."""
        path, key = f"{place(proposal_id)}/cancel", secrets.token_hex(16)
        return _read(ProposalView, await self._call("POST", path, {"note": note}, key))

    async def wait(
        self, proposal_id: str, *, until: Collection[State] = DECIDED, timeout_s: float | None = None
    ) -> ProposalView:
        """Wait for one of these states, through restarts of the service. Raises `TimeoutError`."""
        async with asyncio.timeout(timeout_s):
            async with aclosing(self._frames(None, {"subject": proposal_id})) as frames:
                async for _ in frames:  # whatever comes, a mere heartbeat too: what counts is the proposal
                    with contextlib.suppress(UpstreamError):  # the feed says again when it is back
                        proposal = await self.proposal(proposal_id)
                        if proposal.state in until:
                            return proposal
        raise AssertionError  # the feed has no end

    async def events(
        self, *, after: int | None = None, types: Collection[str] = (), subject: str | None = None
    ) -> AsyncGenerator[FeedEvent, None]:
        """Every record after this number, then what comes, without end, gap or repetition; without one what comes.

        Raises `Refused` alone: whatever else breaks the feed is waited out, and what was missed is read first.
        """
        asked = {"type": sorted(types), **({} if subject is None else {"subject": subject})}
        async with aclosing(self._frames(after, asked)) as frames:
            async for frame in frames:
                if frame is not None and frame.name not in _OF_THE_STREAM and frame.id is not None:
                    yield FeedEvent(type=frame.name, sequence=int(frame.id), record=json.loads(frame.data))

    async def register(self, executor: str, tools: Sequence[Mapping[str, Any]]) -> None:
        """Have exactly these tools be the executor's."""
        await self._call("PUT", f"/v1/executors/{executor}/tools", {"tools": [dict(each) for each in tools]})

    async def learn(self, names: Sequence[str]) -> None:
        """Tell the redactor all names of what the shop sells, which are no people."""
        await self._call("PUT", "/v1/catalogue", {"names": list(names)})

    async def work(self, executor: str) -> Work:
        """What the executor can take now."""
        return _read(Work, await self._call("GET", f"/v1/executors/{executor}/work"))

    async def lease(self, proposal_id: str, executor: str, *, ttl_s: int | None = None) -> Leased:
        """Take the right to run it, once and for all; refused where anybody ever had it."""
        body = {"executor": executor, "ttl_s": ttl_s}
        path = f"{place(proposal_id)}/execution/lease"
        return _read(Leased, await self._call("POST", path, body, secrets.token_hex(16)))

    async def heartbeat(self, leased: Leased, *, ttl_s: int | None = None) -> Beat:
        """Keep the lease."""
        path = f"{place(leased.proposal.id)}/execution/heartbeat"
        return _read(Beat, await self._call("POST", path, {"token": leased.token, "ttl_s": ttl_s}))

    async def report(self, leased: Leased, outcome: Result, detail: Mapping[str, Any] | None = None) -> ProposalView:
        """Say what came of it; saying it again changes nothing."""
        path = f"{place(leased.proposal.id)}/execution/result"
        body = {"token": leased.token, "outcome": outcome, "detail": dict(detail or {})}
        key = f"{leased.proposal.id}:{leased.token}:{outcome}"
        return _read(ProposalView, await self._call("POST", path, body, key))

    async def run(
        self,
        proposal_id: str,
        executor: str,
        work: Callable[[Leased], Awaitable[tuple[Result, Mapping[str, Any]]]],
        *,
        ttl_s: int | None = None,
    ) -> ProposalView:
        """Take the lease, do the work under its heartbeat, and report. `work` says itself what came of it.

        The lease lasts as long as the approvals are set to, unless `ttl_s` says otherwise. Where `work` raises, nobody
        knows what came of it: that is reported, and the error raised again. `TimeoutError`: the lease was lost.
        """
        begun_s = asyncio.get_running_loop().time()
        leased = await self.lease(proposal_id, executor, ttl_s=ttl_s)
        try:
            async with asyncio.timeout_at(begun_s + leased.lasts_s) as held:
                beating = asyncio.create_task(self._beat(leased, ttl_s, held), name=f"heartbeat {proposal_id}")
                try:
                    outcome, detail = await work(leased)
                finally:
                    beating.cancel()
        except BaseException as error:
            with contextlib.suppress(UpstreamError, Refused):  # the lease runs out, which says the same
                await self.report(leased, "outcome_unknown", {"error": type(error).__name__})
            raise
        return await self._reported(leased, outcome, detail)

    async def _reported(self, leased: Leased, outcome: Result, detail: Mapping[str, Any]) -> ProposalView:
        """Report until it is heard: what was done must not be left unknown because a service restarts."""
        waits = _waits()
        while True:
            try:
                return await self.report(leased, outcome, detail)
            except UpstreamError:
                await asyncio.sleep(next(waits))

    async def _beat(self, leased: Leased, ttl_s: int | None, held: asyncio.Timeout) -> None:
        """Keep the lease. Where it is lost, or may be, the work is broken off: it must not begin to write any more."""
        loop, lasts_s = asyncio.get_running_loop(), leased.lasts_s
        while True:
            await asyncio.sleep(lasts_s / 3)
            begun_s = loop.time()
            try:
                await self.heartbeat(leased, ttl_s=ttl_s)
            except UpstreamError:
                continue
            except Refused:
                held.reschedule(loop.time())
                return
            held.reschedule(begun_s + lasts_s)

    async def _frames(self, after: int | None, asked: Mapping[str, Any]) -> AsyncGenerator[ReceivedEvent | None, None]:
        """Events as they come, heartbeats included, and None for each new connection."""
        last = None if after is None else str(after)
        waits = _waits()
        while True:
            try:
                async with self._open(last, asked) as chunks:
                    yield None
                    decoder = EventDecoder()
                    async for chunk in chunks:
                        for event in decoder.feed(chunk):
                            last = event.id or last
                            waits = _waits()
                            yield event
            except UpstreamThrottled:
                pass
            except UpstreamRejected as error:
                raise refused(error) from None
            except (UpstreamError, EventOversized):
                pass
            await asyncio.sleep(next(waits))

    @contextlib.asynccontextmanager
    async def _open(self, last: str | None, asked: Mapping[str, Any]) -> AsyncGenerator[AsyncIterator[bytes], None]:
        headers = {**self._headers(), "accept": "text/event-stream"}
        if last is not None:
            headers["last-event-id"] = last
        async with self._feed.stream("GET", "/v1/events", params=asked, headers=headers) as stream:
            yield stream.chunks()

    async def _call(self, method: Method, path: str, body: object = None, key: str | None = None) -> Any:  # noqa: ANN401  # any JSON
        options: dict[str, Any] = {"headers": self._headers()}
        if body is not None:
            options["json"] = body
        if key is not None:
            options["idempotency_key"] = key
        waits = _waits()
        while True:
            try:
                return (await self._http.request(method, path, **options)).json()
            except UpstreamThrottled:
                raise
            except UpstreamRejected as error:
                said = refused(error)
                if said.slug != _STILL_RUNNING:
                    raise said from None
            await asyncio.sleep(next(waits))  # the first of two equal requests is not done yet


def _read(model: type[View], document: object) -> View:
    try:
        return model.model_validate(document)
    except ValidationError as error:
        raise UpstreamProtocolError(NAME, "gave an answer of another kind") from error


def _waits() -> Iterator[float]:
    """Seconds to wait, longer each time, with full jitter."""
    longest = _FIRST_WAIT_S
    while True:
        yield _CHANCE.uniform(0, longest)
        longest = min(_LONGEST_WAIT_S, longest * 2)
