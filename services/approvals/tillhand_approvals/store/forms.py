"""Proposals and what belongs to them as JSON, and back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from pydantic import TypeAdapter

from tillhand_approvals.domain.actors import Delegation
from tillhand_approvals.domain.proposals import Proposal

_PROPOSAL: Final = TypeAdapter(Proposal)
_DELEGATION: Final = TypeAdapter(Delegation)


def proposal_body(proposal: Proposal) -> dict[str, Any]:
    """A proposal as JSON."""
    body: dict[str, Any] = _PROPOSAL.dump_python(proposal, mode="json")
    return body


def proposal_of(body: Mapping[str, Any]) -> Proposal:
    """The proposal that was kept so. Raises `pydantic.ValidationError` where it was not kept by this program."""
    return _PROPOSAL.validate_python(body)


def delegation_body(delegation: Delegation) -> dict[str, Any]:
    """A delegation as JSON."""
    body: dict[str, Any] = _DELEGATION.dump_python(delegation, mode="json")
    return body


def delegation_of(body: Mapping[str, Any]) -> Delegation:
    """The delegation that was kept so."""
    return _DELEGATION.validate_python(body)
