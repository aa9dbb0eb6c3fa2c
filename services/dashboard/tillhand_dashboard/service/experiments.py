"""The read-out of an experiment whose numbers somebody has filled in. Nothing is kept: its address holds all of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from tillhand_dashboard.domain.accounts import Person
from tillhand_dashboard.domain.experimenting import Filled, not_claimed, plan_of
from tillhand_dashboard.domain.origins import Origin
from tillhand_dashboard.domain.results import Failure, Result
from tillhand_dashboard.ports.analytics import Analytics, PlanView, ReadoutView
from tillhand_dashboard.service.figures import origin


@dataclass(frozen=True, slots=True)
class Told:
    """A read-out, how much the experiment needs where that can be said, and what may not be claimed."""

    readout: ReadoutView
    origin: Origin
    plan: PlanView | None
    fewest: int
    """Visitors of the smallest arm."""
    not_claimed: Sequence[str]


@dataclass(frozen=True, slots=True)
class Experiment:
    """The form, and what came of it; `found` is None where nothing was asked, or a field is wrong."""

    form: Filled
    found: Told | Failure | None = None


async def experiment(analytics: Analytics, person: Person, form: Filled) -> Experiment:
    """Read an experiment out. What the service finds wrong stands at its field where the form has it."""
    if not form.readable:
        return Experiment(form)
    found = await analytics.readout(person, form.body)
    if isinstance(found, Failure):
        place = form.placed(found.field)
        return Experiment(replace(form, wrong={place: found.reason})) if place else Experiment(form, found)
    readout = found.value
    plan = await _plan(analytics, person, form.body, readout)
    enough = all(each.conversion.enough for each in readout.treatments)
    fewest = min(arm["looks"][-1]["visitors"] for arm in form.body["arms"])
    told = Told(readout, origin(readout.provenance), plan, fewest, not_claimed(readout.verdict, enough=enough))
    return Experiment(form, told)


async def _plan(
    analytics: Analytics, person: Person, body: Mapping[str, object], readout: ReadoutView
) -> PlanView | None:
    asked = plan_of(body, readout.treatments[0].conversion.control)
    found: Result[PlanView] | None = None if asked is None else await analytics.plan(person, asked)
    return None if found is None or isinstance(found, Failure) else found.value
