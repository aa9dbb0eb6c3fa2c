"""Metrics of the work itself."""

from __future__ import annotations

from typing import Final, get_args

from tillhand_analytics.domain.provenance import SOURCES, Stamp
from tillhand_analytics.ports.observing import AREAS, Answered, Read
from tillhand_common.metrics import Metrics


class PrometheusObserver:
    """Counts and measures, by area: the part of a figure's name before the dot."""

    def __init__(self, metrics: Metrics) -> None:
        areas = {"area": AREAS}
        self._figures: Final = metrics.counter(
            "figures_total",
            "Figures that were asked for, by how they were answered.",
            {**areas, "outcome": frozenset(get_args(Answered))},
        )
        self._seconds: Final = metrics.histogram("figure_duration_seconds", "Time that a calculation took.", areas)
        self._loads: Final = metrics.counter(
            "source_loads_total", "Readings of the sources.", {"outcome": frozenset(get_args(Read))}
        )
        self._load_seconds: Final = metrics.histogram("source_load_duration_seconds", "Time that a reading took.")
        self._ages: Final = metrics.data_age(frozenset(SOURCES))
        self._rows: Final = metrics.gauge(
            "source_rows", "Rows that the last reading gave.", {"source": frozenset(SOURCES)}
        )

    def figure(self, name: str, how: Answered, seconds: float) -> None:
        """A figure was asked for."""
        area = name.partition(".")[0]
        self._figures.labels(area, how).inc()
        if how == "computed":
            self._seconds.labels(area).observe(seconds)

    def data_age(self, source: str, seconds: float) -> None:
        """A source is complete up to so many seconds ago."""
        self._ages.labels(source).observe(seconds)

    def loaded(self, outcome: Read, seconds: float, stamps: tuple[Stamp, ...]) -> None:
        """The sources were read, or could not be."""
        self._loads.labels(outcome).inc()
        self._load_seconds.labels().observe(seconds)
        for stamp in stamps:
            self._rows.labels(stamp.source).set(stamp.rows)
