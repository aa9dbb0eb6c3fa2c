"""Service level objectives as data: one YAML file a service, `slos/<service>.yaml`.

The terms are those of the Site Reliability Workbook (https://sre.google/workbook/implementing-slos/). An *indicator*
tells good events from bad ones, a *target* is the share of good ones that is promised, and both together are an
*objective*, kept over a rolling *window*. A target of 0.95 on a latency of 100 ms says that the 95th percentile is at
most 100 ms: quantile and target are one number.
"""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from tillhand_common.metrics import DATA_AGE_BUCKETS_S, DURATION_BUCKETS_S
from tillhand_common.yaml_file import YamlError, read_yaml

FASTEST_BURN: Final = 14.4
"""Times the error budget's even rate at which the fastest alert fires (workbook, chapter 5); see `slo_burns`."""
MIN_REQUESTS: Final = 10
"""Requests in its short window that an alert demands where an objective does not say otherwise."""
_BOUNDS_MS: Final = tuple(round(bound_s * 1000, 3) for bound_s in DURATION_BUCKETS_S)
_BOUNDS_H: Final = tuple(round(bound_s / 3600, 3) for bound_s in DATA_AGE_BUCKETS_S)
_KINDS: Final = frozenset({"latency", "availability", "freshness"})


class SloError(Exception):
    """A file of objectives cannot be used; the message names the file, and the field where there is one."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Latency(_Strict):
    """Good is a request that was served within `threshold_ms`; requests that failed count for availability."""

    kind: Literal["latency"]
    threshold_ms: float

    @field_validator("threshold_ms")
    @classmethod
    def _can_be_counted(cls, threshold_ms: float) -> float:
        if threshold_ms not in _BOUNDS_MS:
            bounds = ", ".join(f"{bound:g}" for bound in _BOUNDS_MS)
            raise ValueError(f"must be a bucket of http_request_duration_seconds, or no metric can count it: {bounds}")
        return threshold_ms


class Availability(_Strict):
    """Good is a request that the service did not fail: it was answered, and with a status below 500."""

    kind: Literal["availability"]


class Freshness(_Strict):
    """Good is a look at the data of a source that found it complete up to a moment at most `max_age_hours` ago.

    The service looks once a minute whether somebody asks or not, so that data which nobody reads grows old in sight.
    """

    kind: Literal["freshness"]
    source: str = Field(pattern=r"^[a-z][a-z0-9_-]{0,62}$")
    max_age_hours: float

    @field_validator("max_age_hours")
    @classmethod
    def _can_be_counted(cls, max_age_hours: float) -> float:
        if max_age_hours not in _BOUNDS_H:
            bounds = ", ".join(f"{bound:g}" for bound in _BOUNDS_H)
            raise ValueError(f"must be a bucket of tillhand_data_age_seconds, or no metric can count it: {bounds}")
        return max_age_hours


Indicator = Latency | Availability | Freshness


class Objective(_Strict):
    """What is promised of one route (`POST /v1/search`, with its template), or of all of them without `route`."""

    id: str = Field(pattern=r"^[a-z][a-z0-9-]{0,62}$")
    description: str = Field(min_length=8)
    route: str | None = Field(default=None, pattern=r"^(GET|HEAD|POST|PUT|PATCH|DELETE) /\S*$")
    indicator: Annotated[Indicator, Field(discriminator="kind")]
    target: float = Field(gt=0, lt=1)
    min_requests: int = Field(default=MIN_REQUESTS, ge=1)

    @field_validator("target")
    @classmethod
    def _can_be_alerted_on(cls, target: float) -> float:
        """Burn times (1 - target) stays below 1 for every alert that pages, of which the fastest asks most.

        An alert fires when the share of failures passes burn times (1 - target) (workbook, chapter 5, "Multiwindow,
        Multi-Burn-Rate Alerts"). No share passes 1: all requests failing burns the budget 1 / (1 - target) times as
        fast as allowed, and nothing burns it faster.
        """
        if FASTEST_BURN * (1 - target) >= 1:
            raise ValueError(f"must be above {1 - 1 / FASTEST_BURN:.4f}, or the alert at {FASTEST_BURN} can never fire")
        return target

    @model_validator(mode="after")
    def _has_the_route_that_it_counts(self) -> Self:
        if isinstance(self.indicator, Latency) and self.route is None:
            raise ValueError("a latency objective names its route")
        if isinstance(self.indicator, Freshness) and self.route is not None:
            raise ValueError("a freshness objective is about the data, and names no route")
        return self

    @property
    def promise(self) -> str:
        """The indicator and its target in words, such as `95 % within 100 ms`."""
        share = f"{self.target * 100:.6g} %"
        match self.indicator:
            case Latency():
                return f"{share} within {self.indicator.threshold_ms:g} ms"
            case Freshness():
                return f"{share} at most {self.indicator.max_age_hours:g} h old"
            case Availability():
                return f"{share} served"


class ServiceObjectives(_Strict):
    """The objectives of one service, all kept over the same rolling window."""

    version: Literal[1]
    service: str = Field(pattern=r"^[a-z]+$")
    window_days: int = Field(ge=3, le=90)  # the longest window of an alert has to fit in
    objectives: tuple[Objective, ...] = Field(min_length=1, strict=False)

    @model_validator(mode="after")
    def _says_nothing_twice(self) -> Self:
        ids = Counter(objective.id for objective in self.objectives)
        if repeated := [name for name, count in ids.items() if count > 1]:
            raise ValueError(f"the id {repeated[0]!r} is given twice")
        return self


def load_slos(folder: Path) -> dict[str, ServiceObjectives]:
    """The objectives of every service that has a file in the folder, by service. Raises SloError."""
    files = sorted(folder.glob("*.yaml"))
    if not files:
        raise SloError(f"{folder}: there is no file of objectives (<service>.yaml)")
    return {path.stem: read_objectives(path) for path in files}


def read_objectives(path: Path) -> ServiceObjectives:
    """The objectives in one file, which is named for its service. Raises SloError."""
    try:
        content = read_yaml(path)
        found = ServiceObjectives.model_validate(content)
    except YamlError as error:
        raise SloError(str(error)) from error
    except ValidationError as error:
        lines = [
            f"{path}: {_place(item['loc'], content)}: {item['msg'].removeprefix('Value error, ')}"
            for item in error.errors(include_url=False, include_context=False, include_input=False)
        ]
        raise SloError("\n".join(lines)) from error
    if found.service != path.stem:
        raise SloError(f"{path}: service: must be {path.stem}, as the file is called")
    return found


def _place(loc: Sequence[int | str], content: Any) -> str:  # noqa: ANN401  # as it stands in the file
    """The field as a person finds it: an objective by its id, and no name that is not in the file."""
    match loc:
        case ("objectives", int(index), *rest):
            objective = content["objectives"][index]
            name = objective.get("id", index) if isinstance(objective, dict) else index
            after_kind = [part for at, part in enumerate(rest) if at == 0 or part not in _KINDS]
            return ".".join(map(str, ("objectives", name, *after_kind)))
        case _:
            return ".".join(map(str, loc)) or "the file"
