"""What analytics does without being a running service; the command line enters here.

Each is loaded when it is asked for: most load the arithmetic's libraries, which takes longer than the others run.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from tillhand_analytics.commands.clv import evaluate_clv
    from tillhand_analytics.commands.forecasting import evaluate_forecasts
    from tillhand_analytics.commands.inspecting import inspect, settings
    from tillhand_analytics.commands.inventory import evaluate_inventory
    from tillhand_analytics.commands.purchases import note_purchases
    from tillhand_analytics.commands.recording import record
    from tillhand_analytics.commands.sales import evaluate_sales

__all__ = [
    "evaluate_clv",
    "evaluate_forecasts",
    "evaluate_inventory",
    "evaluate_sales",
    "inspect",
    "note_purchases",
    "record",
    "settings",
]

_MODULES: Final = {
    "evaluate_clv": "clv",
    "evaluate_forecasts": "forecasting",
    "evaluate_inventory": "inventory",
    "evaluate_sales": "sales",
    "inspect": "inspecting",
    "note_purchases": "purchases",
    "record": "recording",
    "settings": "inspecting",
}


def __getattr__(name: str) -> Any:  # noqa: ANN401  # whatever the module holds under this name
    if name not in _MODULES:
        raise AttributeError(name)
    return getattr(importlib.import_module(f"{__name__}.{_MODULES[name]}"), name)
