"""What the approvals do without being a running service; the command line enters here."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from tillhand_approvals.commands.copying import copy_database, fill_database
    from tillhand_approvals.commands.inspecting import inspect, settings
    from tillhand_approvals.commands.pii import evaluate
    from tillhand_approvals.commands.policy_texts import policies_text, read_policies_file
    from tillhand_approvals.commands.redacting import redact_file
    from tillhand_approvals.commands.verifying import verify_export

__all__ = [
    "copy_database",
    "evaluate",
    "fill_database",
    "inspect",
    "policies_text",
    "read_policies_file",
    "redact_file",
    "settings",
    "verify_export",
]

_MODULES: Final = {
    "copy_database": "copying",
    "evaluate": "pii",
    "fill_database": "copying",
    "inspect": "inspecting",
    "policies_text": "policy_texts",
    "read_policies_file": "policy_texts",
    "redact_file": "redacting",
    "settings": "inspecting",
    "verify_export": "verifying",
}


def __getattr__(name: str) -> Any:  # noqa: ANN401  # whatever the module holds under this name
    if name not in _MODULES:
        raise AttributeError(name)
    return getattr(importlib.import_module(f"{__name__}.{_MODULES[name]}"), name)
