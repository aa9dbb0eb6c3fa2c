"""The models of customers as they are told: parameters, a holdout, and what to go by."""

from __future__ import annotations

import math
from datetime import date

from pydantic import Field

from tillhand_analytics.domain.customers.gamma_gamma import MoneyFit
from tillhand_analytics.domain.customers.holdout import Contest, Errors, Holdout, Winner
from tillhand_analytics.domain.customers.maximum import Estimate, Maximum
from tillhand_analytics.domain.customers.outlook import Prospects
from tillhand_analytics.models.base import Out


def number(value: float) -> float | None:
    """JSON has no NaN and no infinity."""
    return float(value) if math.isfinite(value) else None


class ParameterOut(Out):
    """A parameter that was found by maximum likelihood."""

    name: str
    value: float
    standard_error: float | None = Field(description="Missing where the data do not tell.")
    low: float | None = Field(description="Lower end of the 95 % interval.")
    high: float | None = Field(description="Upper end of it.")

    @classmethod
    def of(cls, estimate: Estimate) -> ParameterOut:
        """As it is told."""
        error, low, high = map(number, (estimate.standard_error, estimate.low, estimate.high))
        return cls(name=estimate.name, value=estimate.value, standard_error=error, low=low, high=high)


class FitOut(Out):
    """A model that was fitted."""

    parameters: list[ParameterOut] = Field(description="Rates are by day, amounts minor units.")
    log_likelihood: float
    customers: int = Field(description="Customers that it was fitted to.")
    boundary: list[str] = Field(description="Why its parameters cannot be trusted; empty where they can.")

    @classmethod
    def of(cls, found: Maximum, customers: int) -> FitOut:
        """As it is told."""
        return cls(
            parameters=[ParameterOut.of(each) for each in found.estimates],
            log_likelihood=found.log_likelihood,
            customers=customers,
            boundary=list(found.boundary),
        )


class MoneyFitOut(FitOut):
    """The model of money, and whether it may be used beside one of purchases."""

    left_out: int = Field(description="Customers who came back for nothing of worth.")
    rank_correlation: float = Field(description="Spearman's, of how often and for how much customers buy.")
    independent: bool = Field(description="It is small enough for the model, which takes the two as independent.")

    @classmethod
    def of_money(cls, fit: MoneyFit) -> MoneyFitOut:
        """As it is told."""
        return cls(
            **FitOut.of(fit.maximum, fit.customers).model_dump(),
            left_out=fit.left_out,
            rank_correlation=fit.rank_correlation,
            independent=fit.independent,
        )


class ErrorsOut(Out):
    """How far a forecast was from what came."""

    expected: float = Field(description="In all.")
    mean_absolute_error: float | None = Field(description="By customer.")
    root_mean_square_error: float | None = Field(description="By customer.")
    bias: float | None = Field(description="By how much it was above what came, as a share of it.")

    @classmethod
    def of(cls, expected: float, found: Errors) -> ErrorsOut:
        """As it is told."""
        return cls(
            expected=expected,
            mean_absolute_error=number(found.mean_absolute),
            root_mean_square_error=number(found.root_mean_square),
            bias=number(found.bias),
        )


class ContestOut(Out):
    """The model against the naive rate."""

    came: float = Field(description="What came in all.")
    model: ErrorsOut
    naive: ErrorsOut
    model_won: bool = Field(description="It was closer by both measures of error.")

    @classmethod
    def of(cls, found: Contest) -> ContestOut:
        """As it is told."""
        return cls(
            came=float(found.came.sum()),
            model=ErrorsOut.of(float(found.expected.sum()), found.model_errors),
            naive=ErrorsOut.of(float(found.naive.sum()), found.naive_errors),
            model_won=found.won,
        )


class HoldoutOut(Out):
    """How models that were fitted up to a day did on the days after it."""

    split_day: date
    last_day: date
    customers: int = Field(description="Customers known on the split day.")
    purchases: ContestOut
    value_minor: ContestOut

    @classmethod
    def of(cls, held: Holdout) -> HoldoutOut:
        """As it is told."""
        return cls(
            split_day=held.split_day.astype("datetime64[D]").item(),
            last_day=held.last_day.astype("datetime64[D]").item(),
            customers=len(held.known),
            purchases=ContestOut.of(held.purchases),
            value_minor=ContestOut.of(held.value_minor),
        )


class ClvModelOut(Out):
    """The models of customers, how they did, and what all customers together may bring."""

    preferred: Winner = Field(description="What `value_minor` of each customer is by.")
    doubts: list[str] = Field(description="Why not by the model; empty where it is.")
    notes: list[str] = Field(description="What else to know of it.")
    customers: int = Field(description="Customers with a purchase.")
    may_be_older: int = Field(description="Those who may have bought before the data begin.")
    known_from: date = Field(description="Who is new from this day on is so indeed.")
    expected_purchases: float | None = Field(description="By all of them within the horizon, by the model.")
    naive_purchases: float = Field(description="The same at their own rates.")
    model_value_minor: int | None = Field(description="What all of them may bring, by the models.")
    naive_value_minor: int = Field(description="The same at their own rates and means.")
    value_minor: int = Field(description="The one of the two to go by.")
    purchases_model: FitOut | None = Field(description="BG/NBD; missing where too few customers came back.")
    money_model: MoneyFitOut | None = Field(description="Gamma-Gamma.")
    holdout: HoldoutOut | None = Field(description="Missing where too little was known on the split day.")

    @classmethod
    def of(cls, found: Prospects) -> ClvModelOut:
        """As it is told."""
        outlook, population = found.outlook, found.outlook.population
        first = outlook.last_day - outlook.known.age.astype("timedelta64[D]")
        model = None if population is None else found.model
        return cls(
            preferred=outlook.preferred,
            doubts=list(outlook.doubts()),
            notes=list(outlook.notes()),
            customers=len(outlook.known),
            may_be_older=int((first < outlook.known_from).sum()),
            known_from=outlook.known_from.astype("datetime64[D]").item(),
            expected_purchases=None if model is None else float(model.purchases.sum()),
            naive_purchases=float(found.naive.purchases.sum()),
            model_value_minor=None if model is None else _whole(model.value_minor.sum()),
            naive_value_minor=round(float(found.naive.value_minor.sum())),
            value_minor=_whole(found.preferred.value_minor.sum()) or 0,
            purchases_model=None if population is None else FitOut.of(population.buying.maximum, len(outlook.known)),
            money_model=None if population is None else MoneyFitOut.of_money(population.money),
            holdout=None if outlook.held is None else HoldoutOut.of(outlook.held),
        )


def _whole(value: float) -> int | None:
    return round(float(value)) if math.isfinite(value) else None
