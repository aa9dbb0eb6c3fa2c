"""Runs the approvals: `python -m tillhand_approvals`."""

from __future__ import annotations

import gc


def main() -> None:
    """Serve until told to stop."""
    gc.disable()  # while modules load nothing is garbage, and looking for it takes an eighth of the start
    from tillhand_approvals.app import create_app  # noqa: PLC0415  # see above
    from tillhand_approvals.settings import ApprovalsSettings  # noqa: PLC0415  # as above
    from tillhand_common.server import serve  # noqa: PLC0415  # as above

    gc.freeze()
    gc.enable()
    serve(create_app, ApprovalsSettings)


if __name__ == "__main__":
    main()
