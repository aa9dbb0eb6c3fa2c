"""Analytics over a small made-up shop, as a process of its own."""

from __future__ import annotations

from functools import partial
from typing import Final

from tests.fakes.shops import HeldSources
from tillhand_analytics.adapters.mockshop import columns
from tillhand_analytics.app import create_app
from tillhand_analytics.settings import AnalyticsSettings
from tillhand_common.server import serve
from tillhand_mockshop.generator import build

SKUS: Final = 30
DAYS: Final = 210
"""Long enough for what wants two quarters to have something to say."""

if __name__ == "__main__":
    serve(partial(create_app, sources=HeldSources(columns(build(skus=SKUS, days=DAYS)))), AnalyticsSettings)
