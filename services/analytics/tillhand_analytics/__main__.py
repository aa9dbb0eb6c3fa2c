"""Runs analytics: `python -m tillhand_analytics`."""

from __future__ import annotations

from tillhand_analytics.app import create_app
from tillhand_analytics.settings import AnalyticsSettings
from tillhand_common.server import serve


def main() -> None:
    """Serve until told to stop."""
    serve(create_app, AnalyticsSettings)


if __name__ == "__main__":
    main()
