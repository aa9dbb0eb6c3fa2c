"""The approvals over HTTP."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from typing import Any, Final

from tillhand_common.approvals_client import Refused
from tillhand_common.approvals_refusal import place
from tillhand_common.errors import UpstreamProtocolError
from tillhand_common.http import Options, UpstreamResponse
from tillhand_dashboard.adapters.gateway import Call, Gateway, given
from tillhand_dashboard.domain.accounts import Person
from tillhand_dashboard.domain.exact_json import Json, trusted, written
from tillhand_dashboard.domain.results import Failure, Result
from tillhand_dashboard.ports.approvals import (
    CountsView,
    DecidedView,
    Decision,
    ProposalPage,
    ProposalView,
    RecordPage,
    Relayed,
    ReportView,
    TrialView,
    Verb,
)
from tillhand_dashboard.ports.views import Download, Row

_JSON: Final = {"content-type": "application/json"}
READ, DECIDE, AUDIT, RULE = "approvals:read", "approvals:decide", "audit:read", "policies:write"


class HttpApprovals:
    """Asks them in the name of a person."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway

    async def proposals(self, person: Person, **filters: Any) -> Result[ProposalPage]:  # noqa: ANN401  # as the route takes them
        """A page of proposals."""
        call: Call = ("GET", "/v1/proposals")
        return await self._gateway.ask(person, READ, call, ProposalPage.model_validate, params=given(filters))

    async def proposal(self, person: Person, proposal_id: str, *, full: bool = False) -> Result[ProposalView]:
        """One proposal; `full` adds what is withheld, and the look is recorded."""
        path = _place(proposal_id)
        if isinstance(path, Failure):
            return path
        scope, params = (DECIDE, {"view": "full"}) if full else (READ, {})
        call: Call = ("GET", path)
        return await self._gateway.ask(person, scope, call, ProposalView.model_validate, _exact, params=params)

    async def counts(self, person: Person) -> Result[CountsView]:
        """How many proposals are in each state."""
        return await self._gateway.ask(person, READ, ("GET", "/v1/proposals/counts"), CountsView.model_validate)

    async def decide(
        self, person: Person, proposal_id: str, decision: Decision, *, key: str | None = None
    ) -> Result[ProposalView]:
        """Decide; with a key, asking again has no further effect."""
        path = _place(proposal_id)
        if isinstance(path, Failure):
            return path
        body = given(
            {
                "decision": decision.verb,
                "digest": decision.digest,
                "note": decision.note,
                "arguments": None if decision.arguments is None else dict(decision.arguments),
                "role": decision.role,
                "outcome": decision.outcome,
            }
        )
        options: Options = {"content": written(body, indent=0).encode(), "headers": _JSON}
        if key:
            options["idempotency_key"] = key
        call: Call = ("POST", f"{path}/decisions")
        return await self._gateway.ask(person, DECIDE, call, ProposalView.model_validate, **options)

    async def decide_several(
        self, person: Person, verb: Verb, digests: Mapping[str, str], note: str = "", *, key: str | None = None
    ) -> Result[Sequence[DecidedView]]:
        """The same decision about several, each by its id and digest."""
        proposals = [{"id": name, "digest": digest} for name, digest in digests.items()]
        options = _once({"decision": verb, "proposals": proposals, "note": note}, key)
        return await self._gateway.ask(person, DECIDE, ("POST", "/v1/decisions"), _decided, **options)

    async def note(self, person: Person, proposal_id: str, text: str) -> Result[None]:
        """Comment."""
        path = _place(proposal_id)
        if isinstance(path, Failure):
            return path
        return await self._gateway.ask(person, DECIDE, ("POST", f"{path}/notes"), _nothing, json={"text": text})

    async def tools(self, person: Person) -> Result[Sequence[Row]]:
        """Every tool that can be proposed."""
        return await self._gateway.ask(person, READ, ("GET", "/v1/tools"), _items)

    async def records(self, person: Person, **search: Any) -> Result[RecordPage]:  # noqa: ANN401  # as the route takes them
        """A page of the audit log."""
        call: Call = ("GET", "/v1/audit")
        return await self._gateway.ask(person, AUDIT, call, RecordPage.model_validate, params=given(search))

    async def exported(self, person: Person, **search: Any) -> Result[Download]:  # noqa: ANN401  # as the route takes them
        """The audit log as JSON lines, as they come."""
        return await self._gateway.download(person, AUDIT, "/v1/audit/export", params=given(search))

    async def verified(self, person: Person) -> Result[ReportView]:
        """Verify the whole record."""
        return await self._gateway.ask(person, AUDIT, ("POST", "/v1/audit/verify"), ReportView.model_validate)

    async def unmask(self, person: Person, pseudonym: str, reason: str) -> Result[str]:
        """Who stands behind a pseudonym; who asked, and why, is recorded."""
        body = {"pseudonym": pseudonym, "reason": reason}
        call: Call = ("POST", "/v1/audit/unmask")
        return await self._gateway.ask(person, "audit:unmask", call, lambda found: str(found["identity"]), json=body)

    async def policies(self, person: Person) -> Result[Row]:
        """The policies in force."""
        return await self._gateway.ask(person, READ, ("GET", "/v1/policies"), _row)

    async def policy_versions(self, person: Person) -> Result[Sequence[Row]]:
        """Every version that people have written."""
        return await self._gateway.ask(person, READ, ("GET", "/v1/policies/versions"), _items)

    async def roles(self, person: Person) -> Result[Mapping[str, Sequence[str]]]:
        """Who has which role; policies may ask for some."""
        return await self._gateway.ask(person, READ, ("GET", "/v1/roles"), lambda found: dict(found["roles"]))

    async def put_policies(self, person: Person, policies: Row, replaces: int) -> Result[Row]:
        """Put policies in force in place of this version; `policies-changed` where another one is."""
        call: Call = ("PUT", "/v1/policies")
        return await self._gateway.ask(person, RULE, call, _row, json=policies, headers={"if-match": f'"{replaces}"'})

    async def try_policies(self, person: Person, policies: Row) -> Result[TrialView]:
        """What these policies would have said of the newest proposals."""
        call: Call = ("POST", "/v1/policies/dry-run")
        return await self._gateway.ask(person, RULE, call, TrialView.model_validate, json=policies)

    async def switch(self, person: Person) -> Result[Row]:
        """Whether execution is stopped."""
        return await self._gateway.ask(person, READ, ("GET", "/v1/switch"), _row)

    async def events(self, after: str | None) -> AsyncGenerator[Relayed | None, None]:
        """The feed for the console itself: what came after this number, then what comes, and None for each connection.

        Ends when the feed breaks. Raises `UpstreamError` where it cannot be opened.
        """
        if not self._gateway.connected:
            return
        headers = {} if after is None else {"last-event-id": after}
        async with aclosing(self._gateway.events("GET", "/v1/events", headers=headers)) as events:
            async for event in events:
                yield None if event.name == "open" else event


def _place(proposal_id: str) -> str | Failure:
    try:
        return place(proposal_id)
    except Refused:
        return Failure("refused", "There is no such proposal.", "", "proposal-not-found", 404)


def _exact(answer: UpstreamResponse) -> Json:
    """An answer whose numbers keep their spelling."""
    try:
        return trusted(answer.text)
    except (ValueError, RecursionError) as error:
        raise UpstreamProtocolError(answer.upstream, "answered with something that is not JSON") from error


def _once(body: Mapping[str, Any], key: str | None) -> Options:
    return {"json": given(body), **({"idempotency_key": key} if key else {})}


def _decided(document: Any) -> Sequence[DecidedView]:  # noqa: ANN401  # any JSON
    return [DecidedView.model_validate(each) for each in document["items"]]


def _items(document: Any) -> Sequence[Row]:  # noqa: ANN401  # any JSON
    return list(document["items"])


def _row(document: Any) -> Row:  # noqa: ANN401  # any JSON
    return dict(document)


def _nothing(document: Any) -> None:  # noqa: ANN401  # any JSON
    del document
