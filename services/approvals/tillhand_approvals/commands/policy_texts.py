"""Policies between YAML, in which people write them, and the JSON that goes over the wire."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tillhand_approvals.adapters.policy_documents import policies_body, read_policies
from tillhand_approvals.adapters.policy_files import LARGEST, read_file, write_file
from tillhand_approvals.errors import InvalidPolicies


def read_policies_file(path: Path) -> Mapping[str, Any]:
    """The document that a YAML file holds. Raises `InvalidPolicies`, which names every fault with its line."""
    try:
        with path.open("rb") as file:
            text = file.read(LARGEST + 1)
    except OSError as error:
        raise InvalidPolicies(f"{path} cannot be read: {error.strerror}.") from error
    policies, faults = read_file(text)
    if policies is None or faults:
        listed = [{"line": each.line, "pointer": each.fault.pointer, "message": each.fault.message} for each in faults]
        told = "\n".join(f"{path}: {each}" for each in faults)
        raise InvalidPolicies(told, extensions={"faults": listed})
    return policies_body(policies)


def policies_text(document: Mapping[str, Any]) -> str:
    """A document that the service gave, as YAML. Raises `InvalidPolicies` where this program cannot read it."""
    policies, faults = read_policies(document)
    if policies is None:
        raise InvalidPolicies(f"{faults[0].pointer} {faults[0].message}")
    return write_file(policies)
