"""Panels of pages of figures: a table, its picture, and what it tells."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from tillhand_dashboard.domain.figures import Column


@dataclass(frozen=True, slots=True)
class Panel:
    """A table below `/v1/`; `chart` is where its picture is, `folded` whether its rows are shown at once.

    `link` is the value that the first column leads by, `link_to` what comes before it in the address.
    """

    id: str
    title: str
    about: str
    path: str
    columns: Sequence[Column]
    sort: str = ""
    limit: int = 20
    parameters: Mapping[str, str] = field(default_factory=dict)
    chart: str = ""
    alt: str = ""
    folded: bool = False
    link: str = ""
    link_to: str = ""


@dataclass(frozen=True, slots=True)
class Views:
    """A view of a page: its panels in order, and answers that are no tables, by name."""

    id: str
    title: str
    panels: Sequence[Panel] = ()
    values: Mapping[str, str] = field(default_factory=dict)
    template: str = ""
