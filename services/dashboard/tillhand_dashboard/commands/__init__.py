"""What the console does without being a running service; the command line enters here."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from tillhand_dashboard.commands.accounts import add_account, enable_account, link_account, list_accounts
    from tillhand_dashboard.commands.inspecting import inspect, settings

__all__ = ["add_account", "enable_account", "inspect", "link_account", "list_accounts", "settings"]

_MODULES: Final = {
    "add_account": "accounts",
    "enable_account": "accounts",
    "inspect": "inspecting",
    "link_account": "accounts",
    "list_accounts": "accounts",
    "settings": "inspecting",
}


def __getattr__(name: str) -> Any:  # noqa: ANN401  # whatever the module holds under this name
    if name not in _MODULES:
        raise AttributeError(name)
    return getattr(importlib.import_module(f"{__name__}.{_MODULES[name]}"), name)
