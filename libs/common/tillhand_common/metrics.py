"""Metrics whose number of series is known in advance.

Every label has a set of values it may take, given where the metric is made. A sample with another value is
dropped and counted in `tillhand_metrics_refused_total{metric}`, so that neither a path nor a customer's name
can become a series. `series_cap` bounds each metric even when its sets multiply into more.
"""

from collections.abc import Callable, Container, Mapping, Sequence
from typing import Final, Generic, Protocol, TypeVar, cast

import prometheus_client as prometheus
from prometheus_client.openmetrics import exposition
from prometheus_client.registry import Collector

CONTENT_TYPE: Final = exposition.CONTENT_TYPE_LATEST
DURATION_BUCKETS_S: Final = (
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0
)  # fmt: skip

DATA_AGE_BUCKETS_S: Final = tuple(hours * 3600.0 for hours in (1, 3, 6, 12, 24, 30, 36, 48, 72, 96, 168))
"""Bounds of `tillhand_data_age_seconds`: the ages that a freshness objective may promise."""

_REFUSED: Final = "tillhand_metrics_refused_total"
_REFUSED_HELP: Final = "Samples dropped because a label value was outside its set or the metric had too many series."

Labels = Mapping[str, Container[str]]

prometheus.disable_created_metrics()  # type: ignore[no-untyped-call]  # one extra series per counter, never read


class CounterSeries(Protocol):
    """One series that only grows."""

    def inc(self, amount: float = 1, exemplar: dict[str, str] | None = None) -> None:
        """Add `amount`, not negative."""


class GaugeSeries(Protocol):
    """One series that goes up and down."""

    def inc(self, amount: float = 1) -> None:
        """Add `amount`."""

    def dec(self, amount: float = 1) -> None:
        """Subtract `amount`."""

    def set(self, value: float) -> None:
        """Set the present value."""


class HistogramSeries(Protocol):
    """One series of observations, in the unit that the metric's name ends with."""

    def observe(self, amount: float, exemplar: dict[str, str] | None = None) -> None:
        """Record one observation."""


SeriesT = TypeVar("SeriesT")


class _Refused:
    """Stands in for a series that must not exist: swallows the sample and counts it."""

    __slots__ = ("_count",)

    def __init__(self, count: prometheus.Counter) -> None:
        self._count = count

    def inc(self, amount: float = 1, exemplar: dict[str, str] | None = None) -> None:  # noqa: ARG002  # dropped
        self._count.inc()

    def dec(self, amount: float = 1) -> None:  # noqa: ARG002  # dropped
        self._count.inc()

    def set(self, value: float) -> None:  # noqa: ARG002  # dropped
        self._count.inc()

    def observe(self, amount: float, exemplar: dict[str, str] | None = None) -> None:  # noqa: ARG002  # dropped
        self._count.inc()


class Family(Generic[SeriesT]):
    """One metric and its series. Keep the series that `labels` returns where the same one is used again."""

    __slots__ = ("_allowed", "_cap", "_metric", "_refused", "_series", "name")

    def __init__(
        self,
        metric: prometheus.Counter | prometheus.Gauge | prometheus.Histogram,
        name: str,
        allowed: Labels,
        cap: int,
        refused: _Refused,
    ) -> None:
        self.name = name
        self._metric = metric
        self._allowed = tuple(allowed.values())
        self._cap = cap
        self._refused = cast("SeriesT", refused)
        self._series: dict[tuple[str, ...], SeriesT] = {}

    def labels(self, *values: str) -> SeriesT:
        """Return the series with these label values, in the order in which the labels were declared.

        A value outside its set gives a stand-in that drops the sample and counts the refusal.
        """
        series = self._series.get(values)
        return self._admit(values) if series is None else series

    def _admit(self, values: tuple[str, ...]) -> SeriesT:
        if len(values) != len(self._allowed):
            raise ValueError(f"{self.name} takes {len(self._allowed)} label values, not {len(values)}")
        known = all(value in allowed for value, allowed in zip(values, self._allowed, strict=True))
        if not known or len(self._series) >= self._cap:
            return self._refused
        series = cast("SeriesT", self._metric.labels(*values) if values else self._metric)
        self._series[values] = series
        return series


class Metrics:
    """The metrics of one service, in a registry of its own.

    `series_cap` is the largest number of series (label combinations) of one metric.
    """

    def __init__(self, service: str, version: str = "", *, series_cap: int = 1000) -> None:
        self.registry = prometheus.CollectorRegistry(auto_describe=True)
        self._series_cap = series_cap
        self._catalogue: dict[str, tuple[str, str, tuple[str, ...]]] = {}
        self._refusals = prometheus.Counter(_REFUSED, _REFUSED_HELP, ("metric",), registry=self.registry)
        self._catalogue[_REFUSED] = ("counter", _REFUSED_HELP, ("metric",))
        build = self.gauge(
            "tillhand_build_info",
            "Always 1; the labels say which service and version runs.",
            {"service": (service,), "version": (version,)},
        )
        build.labels(service, version).set(1)
        prometheus.ProcessCollector(registry=self.registry)
        prometheus.GCCollector(registry=self.registry)

    def counter(self, name: str, help_text: str, labels: Labels | None = None) -> Family[CounterSeries]:
        """Make a counter; its name ends in `_total`, `labels` maps each label to the values it may take."""
        allowed = labels or {}
        metric = prometheus.Counter(name, help_text, tuple(allowed), registry=self.registry)
        return self._family("counter", help_text, metric, name, allowed)

    def gauge(self, name: str, help_text: str, labels: Labels | None = None) -> Family[GaugeSeries]:
        """Make a gauge; `labels` maps each label to the values it may take."""
        allowed = labels or {}
        metric = prometheus.Gauge(name, help_text, tuple(allowed), registry=self.registry)
        return self._family("gauge", help_text, metric, name, allowed)

    def watch(self, name: str, help_text: str, read: Callable[[], float]) -> None:
        """Make a gauge without labels whose value is read when it is scraped; costs nothing in between."""
        self._catalogue[name] = ("gauge", help_text, ())
        prometheus.Gauge(name, help_text, registry=self.registry).set_function(read)

    def histogram(
        self,
        name: str,
        help_text: str,
        labels: Labels | None = None,
        *,
        buckets: Sequence[float] = DURATION_BUCKETS_S,
    ) -> Family[HistogramSeries]:
        """Make a histogram; `buckets` are upper bounds in the unit that the name ends with."""
        allowed = labels or {}
        metric = prometheus.Histogram(name, help_text, tuple(allowed), registry=self.registry, buckets=tuple(buckets))
        return self._family("histogram", help_text, metric, name, allowed)

    def data_age(self, sources: Container[str]) -> Family[HistogramSeries]:
        """Make the histogram that freshness objectives count: one look a minute at how old the data of a source is."""
        name, text = (
            "tillhand_data_age_seconds",
            "Time since the moment up to which a source is complete, at each look.",
        )
        return self.histogram(name, text, {"source": sources}, buckets=DATA_AGE_BUCKETS_S)

    def register(self, collector: Collector) -> None:
        """Add a collector that computes its samples when it is scraped."""
        self.registry.register(collector)

    def value(self, name: str, labels: Mapping[str, str]) -> float:
        """Return what one series stands at; 0 for one that nothing was recorded in. Reads all: not for each call."""
        return self.registry.get_sample_value(name, dict(labels)) or 0.0

    def describe(self) -> list[tuple[str, str, str, tuple[str, ...]]]:
        """List the metrics made so far as (name, kind, help, labels), for the documentation's test."""
        return sorted((name, *entry) for name, entry in self._catalogue.items())

    def render(self) -> bytes:
        """Return everything in OpenMetrics text; the media type is `CONTENT_TYPE`."""
        text: bytes = exposition.generate_latest(self.registry)  # type: ignore[no-untyped-call]  # untyped library
        return text

    def _family(
        self,
        kind: str,
        help_text: str,
        metric: prometheus.Counter | prometheus.Gauge | prometheus.Histogram,
        name: str,
        allowed: Labels,
    ) -> Family[SeriesT]:
        self._catalogue[name] = (kind, help_text, tuple(allowed))
        return Family(metric, name, allowed, self._series_cap, _Refused(self._refusals.labels(name)))
