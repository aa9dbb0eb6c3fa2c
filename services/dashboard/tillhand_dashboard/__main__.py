"""Runs the console: `python -m tillhand_dashboard`."""

from __future__ import annotations

import gc
import sys
from typing import Any, Final

UNUSED: Final = ("bcrypt", "httpx._main", "pydantic.v1", "rich", "watchfiles")
"""What libraries load where they find it, and this service never calls: 8 MB. To them it is not installed."""


def main() -> None:
    """Serve until told to stop."""
    loaded: dict[str, Any] = sys.modules
    loaded.update(dict.fromkeys(UNUSED))
    gc.disable()  # while modules load nothing is garbage, and looking for it takes an eighth of the start
    from tillhand_common.server import serve  # noqa: PLC0415  # see above
    from tillhand_dashboard.adapters.memory import give_back  # noqa: PLC0415  # as above
    from tillhand_dashboard.app import create_app  # noqa: PLC0415  # as above
    from tillhand_dashboard.settings import DashboardSettings  # noqa: PLC0415  # as above

    gc.enable()
    gc.collect()
    gc.freeze()
    give_back()
    serve(create_app, DashboardSettings)


if __name__ == "__main__":
    main()
