"""What holds the shop and the figures made of it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date

import numpy as np
import pytest

from tests.fakes.shops import HeldSources
from tillhand_analytics import errors
from tillhand_analytics.domain.provenance import Method, Source, Stamp
from tillhand_analytics.domain.records import Shop
from tillhand_analytics.service.figures import Figures, Question
from tillhand_analytics.service.reading import Reading
from tillhand_common.testing import FakeClock, settle

SHOPIFY: tuple[Source, ...] = ("shopify",)


@dataclass
class Told:
    """Keeps what it is told."""

    figures: list[tuple[str, str]] = field(default_factory=list)
    loads: list[str] = field(default_factory=list)

    def figure(self, name: str, how: str, seconds: float) -> None:
        assert seconds >= 0
        self.figures.append((name, how))

    def loaded(self, outcome: str, seconds: float, stamps: tuple[Stamp, ...]) -> None:
        assert seconds >= 0
        assert bool(stamps) is (outcome == "read")
        self.loads.append(outcome)


@dataclass
class Stage:
    """A reading over held sources, and figures of it."""

    sources: HeldSources
    clock: FakeClock
    told: Told
    reading: Reading
    figures: Figures


@pytest.fixture
def stage(shop: Shop) -> Stage:
    sources, clock, told = HeldSources(shop), FakeClock(), Told()
    reading = Reading(sources, clock=clock, observer=told, every_s=900, again_s=15)
    return Stage(sources, clock, told, reading, Figures(reading, clock, told))


def units(
    compute: Callable[..., int] = lambda shop: int(shop.lines.quantity.sum()), *, name: str = "sales.units", **more: int
) -> Question[int]:
    return Question(name, SHOPIFY, Method("sum"), compute, parameters=more)


async def test_a_figure_is_calculated_once_for_the_same_question_and_shop(stage: Stage) -> None:
    first, second = await stage.figures.of(units()), await stage.figures.of(units())
    assert first.value == second.value == int(stage.sources.shop.lines.quantity.sum())
    assert stage.told.figures == [("sales.units", "computed"), ("sales.units", "cached")]


async def test_other_parameters_are_another_question(stage: Stage) -> None:
    one = await stage.figures.of(units(lambda _: 1, days=1))
    two = await stage.figures.of(units(lambda _: 2, days=2))
    assert (one.value, two.value) == (1, 2)
    assert dict(two.provenance.parameters) == {"days": 2}


async def test_a_hundred_callers_at_a_time_are_one_calculation(stage: Stage) -> None:
    calls, go = [], threading.Event()

    def slow(shop: Shop) -> int:
        calls.append(1)
        assert go.wait(10)
        return 7

    asking = [asyncio.create_task(stage.figures.of(units(slow))) for _ in range(100)]
    await settle()
    go.set()
    assert {(await each).value for each in asking} == {7}
    assert len(calls) == 1


async def test_who_goes_away_takes_the_figure_from_nobody_else(stage: Stage) -> None:
    go = threading.Event()

    def slow(shop: Shop) -> int:
        assert go.wait(10)
        return 7

    leaving = asyncio.create_task(stage.figures.of(units(slow)))
    staying = asyncio.create_task(stage.figures.of(units(slow)))
    await settle()
    leaving.cancel()
    go.set()
    assert (await staying).value == 7
    with pytest.raises(asyncio.CancelledError):
        await leaving


async def test_a_failure_is_told_and_not_kept(stage: Stage) -> None:
    def broken(shop: Shop) -> int:
        raise errors.BadFigure("Too few days.", field="window")

    with pytest.raises(errors.BadFigure):
        await stage.figures.of(units(broken))
    await settle()
    assert (await stage.figures.of(units(lambda _: 3))).value == 3
    assert stage.told.figures == [("sales.units", "failed"), ("sales.units", "computed")]


def counted(made: list[str], name: str, *needs: Question[int]) -> Question[int]:
    """Writes down that it was calculated, and is worth how many were."""

    def compute(*_: object) -> int:
        made.append(name)
        return len(made)

    return Question(name, SHOPIFY, Method(name), compute, needs=needs)


async def test_again_calculates_what_a_figure_needs_too(stage: Stage) -> None:
    made: list[str] = []
    base = counted(made, "sales.base")
    above = counted(made, "sales.above", base)
    assert [(await stage.figures.of(above)).value, (await stage.figures.of(above)).value] == [2, 2]
    assert (await stage.figures.of(above, again=True)).value == 4
    assert (await stage.figures.of(base)).value == 3


async def test_what_several_need_is_calculated_again_once(stage: Stage) -> None:
    made: list[str] = []
    base = counted(made, "sales.base")
    both = counted(made, "sales.both", counted(made, "sales.left", base), counted(made, "sales.right", base))
    for _ in range(2):
        await stage.figures.of(both, again=True)
    assert made == ["sales.base", "sales.left", "sales.right", "sales.both"] * 2


async def test_the_window_ends_where_the_first_source_does(stage: Stage) -> None:
    stage.sources.complete_through = {"search_console": date(2026, 10, 28)}
    both = Question("seo.rows", ("search_console", "shopify"), Method("count"), lambda _: 0)
    assert (await stage.figures.of(both)).provenance.last_day == date(2026, 10, 28)
    assert (await stage.figures.of(units())).provenance.last_day == date(2026, 10, 31)


async def test_a_new_shop_gives_new_figures_and_the_old_ones_go(stage: Stage) -> None:
    await stage.figures.of(units())
    stage.sources.shop = replace(stage.sources.shop, name="Another shop")
    await stage.reading.refresh()
    before = (await stage.figures.of(units(lambda shop: len(shop.name)))).value
    assert before == len("Another shop")
    assert [how for _, how in stage.told.figures] == ["computed", "computed"]


async def test_a_reading_that_fails_leaves_what_was_there_marked_stale(stage: Stage) -> None:
    await stage.figures.of(units())
    stage.sources.failure = errors.SourceUnavailable("shopify does not answer.")
    with pytest.raises(errors.SourceUnavailable):
        await stage.reading.refresh()
    figure = await stage.figures.of(units())
    assert [stamp.stale for stamp in figure.provenance.sources] == [True]
    assert stage.reading.failure == "shopify does not answer."
    stage.sources.failure = None
    await stage.reading.refresh()
    assert [stamp.stale for stamp in (await stage.figures.of(units())).provenance.sources] == [False]


async def test_a_first_reading_that_fails_is_an_error_and_never_a_mock(stage: Stage) -> None:
    stage.sources.failure = errors.SourceUnavailable("shopify refuses the credentials.")
    with pytest.raises(errors.SourceUnavailable, match="refuses"):
        await stage.figures.of(units())
    assert stage.told.figures == []


async def test_it_reads_every_so_often_and_sooner_after_a_failure(stage: Stage) -> None:
    running = asyncio.create_task(stage.reading.run())
    await settle()
    assert stage.sources.readings == 1
    stage.sources.failure = errors.SourceUnavailable("Down.")
    await stage.clock.advance(900)
    assert stage.sources.readings == 2
    stage.sources.failure = None
    await stage.clock.advance(15)
    assert stage.sources.readings == 3
    await stage.clock.advance(15)
    assert stage.sources.readings == 3
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert stage.told.loads == ["read", "failed", "read"]


def test_days_are_days(shop: Shop) -> None:
    assert shop.orders.day.dtype == np.dtype("datetime64[D]")
