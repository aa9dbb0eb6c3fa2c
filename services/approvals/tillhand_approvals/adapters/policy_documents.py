"""Policies and tools as documents: JSON or YAML in, checked, with each fault at its place."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final

import orjson
from pydantic import TypeAdapter

from tillhand_approvals.domain.canonical import canonical
from tillhand_approvals.domain.policies import Policies, Rule, Then, When, read_document, written
from tillhand_approvals.domain.tools import Fault, Tool

_TOOL: Final = TypeAdapter(Tool)
BUILT_IN: Final = Policies(
    rules=(
        Rule(
            "critical", Then("require_approval", approvals=2), When(risks=("critical",)), "Two people for the riskiest."
        ),
        Rule("writing", Then("require_approval"), When(), "One person for everything else."),
    )
)
"""In force until somebody writes others; their version is 0."""


def read_policies(body: Mapping[str, Any]) -> tuple[Policies | None, list[Fault]]:
    """The policies of a JSON document, or what is wrong with it."""
    return read_document(body)


def kept_policies(body: Mapping[str, Any]) -> Policies:
    """Policies that were checked when they were kept."""
    return _policies(canonical(body))


@lru_cache(maxsize=64)
def _policies(body: bytes) -> Policies:
    policies, faults = read_document(orjson.loads(body))
    if policies is None:
        raise ValueError(f"policies that were kept cannot be read: {faults[0].pointer} {faults[0].message}")
    return policies


def policies_body(policies: Policies) -> dict[str, Any]:
    """Policies as the JSON that is kept."""
    return written(policies)


def kept_tool(body: Mapping[str, Any]) -> Tool:
    """A tool that was checked when it was kept."""
    return _tool(orjson.dumps(body, option=orjson.OPT_SORT_KEYS))


@lru_cache(maxsize=512)
def _tool(body: bytes) -> Tool:
    return _TOOL.validate_json(body)


def tool_body(tool: Tool) -> dict[str, Any]:
    """A tool as the JSON that is kept."""
    body: dict[str, Any] = _TOOL.dump_python(tool, mode="json")
    return body


class JsonDocuments:
    """Documents as JSON."""

    policies = staticmethod(read_policies)
    kept = staticmethod(kept_policies)
    body = staticmethod(policies_body)
    tool = staticmethod(kept_tool)
    tool_body = staticmethod(tool_body)

    def built_in(self) -> Policies:
        """What is in force until somebody writes others."""
        return BUILT_IN
