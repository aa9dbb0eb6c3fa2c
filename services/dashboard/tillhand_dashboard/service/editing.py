"""The arguments of a proposal as a form, and what a filled-in form says; people decide about the result."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from tillhand_dashboard.domain.accounts import Person
from tillhand_dashboard.domain.exact_json import Json
from tillhand_dashboard.domain.filled_forms import Filled, filled, retyped
from tillhand_dashboard.domain.form_fields import JSON, Field
from tillhand_dashboard.domain.form_values import FieldError, ReadForm, Sent, values
from tillhand_dashboard.domain.results import Failure, Fault
from tillhand_dashboard.domain.schema_forms import form, raw
from tillhand_dashboard.domain.schema_reading import Schema
from tillhand_dashboard.ports.approvals import Approvals, ProposalView

_LABEL: Final = "Arguments, as JSON"


@dataclass(frozen=True, slots=True)
class Editing:
    """One proposal, read in full, and the schema of its tool; nothing is known of one that is registered no more."""

    proposal: ProposalView
    schema: Schema

    @property
    def arguments(self) -> dict[str, Json]:
        """The arguments as they came."""
        full = self.proposal.full
        return dict(self.proposal.arguments if full is None else full["arguments"])

    def form(self, *, as_json: bool = False) -> Filled:
        """The form of its arguments."""
        return filled(self._made(self.arguments, as_json=as_json))

    def read(self, sent: Sent) -> ReadForm:
        """What was sent. Arguments are an object, whatever the schema says."""
        found = values(self.schema, sent)
        if not found.errors and not isinstance(found.value, dict):
            return ReadForm(found.value, (FieldError("", "type", "Arguments are a JSON object: { … }."),))
        return found

    def typed(self, sent: Sent, errors: tuple[FieldError, ...] = ()) -> Filled:
        """The form with what was typed, and what is wrong with it."""
        made = self._made(self.arguments, as_json=JSON in sent)
        return filled(retyped(made, sent), errors)

    def refused(self, sent: Sent, value: Json, faults: tuple[Fault, ...]) -> Filled:
        """The form with the value that the service refused, and what it says is wrong with it."""
        errors = tuple(FieldError(each.pointer, "service", each.message) for each in faults)
        return self.typed(sent, errors) if JSON in sent else filled(self._made(value, as_json=False), errors)

    def _made(self, value: Json, *, as_json: bool) -> Field:
        return raw(value, _LABEL) if as_json or not self.schema else form(self.schema, value)


async def editing(approvals: Approvals, person: Person, proposal_id: str) -> Editing | Failure:
    """A proposal to be edited. That it was looked at in full is recorded."""
    found = await approvals.proposal(person, proposal_id, full=True)
    if isinstance(found, Failure):
        return found
    tools = await approvals.tools(person)
    schemas = {} if isinstance(tools, Failure) else {each["name"]: each.get("schema") for each in tools.value}
    schema = schemas.get(found.value.tool)
    return Editing(found.value, dict(schema) if isinstance(schema, Mapping) else {})
