"""Runs the console: `python -m tillhand_dashboard`."""

from __future__ import annotations

import gc
from typing import Final

UNUSED: Final = ("pydantic.v1", "rich")
"""What FastAPI and typer's neighbours load if they can, and this service never calls: 10 MB of memory."""


def main() -> None:
    """Serve until told to stop."""
    gc.disable()  # while modules load nothing is garbage, and looking for it takes an eighth of the start
    from tillhand_common.server import serve  # noqa: PLC0415  # see above
    from tillhand_dashboard.app import create_app  # noqa: PLC0415  # as above
    from tillhand_dashboard.settings import DashboardSettings  # noqa: PLC0415  # as above

    gc.freeze()
    gc.enable()
    serve(create_app, DashboardSettings)


if __name__ == "__main__":
    main()
