"""Runs the approvals: `python -m tillhand_approvals`."""

from __future__ import annotations

from tillhand_approvals.app import create_app
from tillhand_approvals.settings import ApprovalsSettings
from tillhand_common.server import serve


def main() -> None:
    """Serve until told to stop."""
    serve(create_app, ApprovalsSettings)


if __name__ == "__main__":
    main()
