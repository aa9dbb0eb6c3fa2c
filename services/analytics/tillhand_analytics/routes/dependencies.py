"""What the routes take from the running application."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Final

from fastapi import Depends, Header, Request

from tillhand_analytics.ports.proposing import Proposals
from tillhand_analytics.service.experiments import Experiments
from tillhand_analytics.service.figures import Figures
from tillhand_analytics.service.forecasts import Forecasters
from tillhand_analytics.service.objectives import Objectives
from tillhand_analytics.service.placing import Placing
from tillhand_analytics.service.reading import Reading
from tillhand_common.security import require

MOST_DAYS: Final = 91
"""How far ahead forecasts go at most."""


@dataclass(frozen=True, slots=True)
class Defaults:
    """What a request need not say: of the settings."""

    lead_time_days: int
    service_level: float
    brand_terms: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Joined:
    """The running service, as the routes find it in `app.state.analytics`."""

    reading: Reading
    figures: Figures
    defaults: Defaults
    proposals: Proposals
    placing: Placing
    experiments: Experiments
    objectives: Objectives
    forecasters: Forecasters


async def _joined(request: Request) -> Joined:
    return request.app.state.analytics  # type: ignore[no-any-return]  # app puts it there


async def _again(
    cache_control: Annotated[
        str, Header(description="`no-cache` calculates again what is known already.", max_length=200)
    ] = "",
) -> bool:
    return "no-cache" in cache_control.lower()


Parts = Annotated[Joined, Depends(_joined)]
Again = Annotated[bool, Depends(_again)]
Reads = Depends(require("analytics:read"))
