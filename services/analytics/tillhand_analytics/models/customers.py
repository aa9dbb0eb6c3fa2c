"""Customers as they are told. Amounts are in minor units of the shop's currency; shares and chances are parts of 1."""

from __future__ import annotations

import math
from datetime import date

from pydantic import Field

from tillhand_analytics.domain.customers.gamma_gamma import MoneyFit
from tillhand_analytics.domain.customers.holdout import Contest, Errors, Holdout, Winner
from tillhand_analytics.domain.customers.maximum import Estimate, Maximum
from tillhand_analytics.domain.customers.outlook import Prospects
from tillhand_analytics.domain.customers.retention import QUANTILES, Retention, SecondPurchase
from tillhand_analytics.models.base import Out


class ClvOut(Out):
    """What one customer may bring within the horizon."""

    customer_id: str = Field(description="The customer's id in the shop.")
    first_purchase_on: date = Field(description="Day of the first purchase that is known.")
    last_purchase_on: date = Field(description="Day of the last one.")
    purchases: int = Field(description="Days with a purchase.")
    alive_probability: float | None = Field(description="Chance that the customer has not left (BG/NBD).")
    expected_purchases: float | None = Field(description="Within the horizon, by BG/NBD.")
    naive_purchases: float = Field(description="Within the horizon, at the customer's own rate so far.")
    mean_value_minor: int | None = Field(description="Expected value of one purchase (Gamma-Gamma).")
    model_value_minor: int | None = Field(description="Lifetime value by the models: discounted, times the margin.")
    naive_value_minor: int = Field(description="The same at the customer's own rate and own mean.")
    value_minor: int = Field(description="The one of the two to go by; `/v1/sales/clv/model` says which, and why.")
    may_be_older: bool = Field(description="May have bought before the data begin, so that less is known than seems.")


class TrackingOut(Out):
    """All repeat purchases up to a day."""

    last_day: date = Field(description="End of the week.")
    expected: float = Field(description="Repeat purchases so far that the model expects.")
    came: int = Field(description="Repeat purchases so far, by customers known on the split day.")
    foretold: bool = Field(description="The model had not seen these days.")


class SegmentOut(Out):
    """One segment of customers."""

    segment: str = Field(description="Its name.")
    definition: str = Field(description="Who is in it.")
    recency_scores: str = Field(description="Its recency scores; 5 bought later than at least 80 % of all.")
    frequency_scores: str = Field(description="Its frequency scores; 5 bought more often than at least 80 % of all.")
    customers: int = Field(description="Customers in it.")
    customer_share: float = Field(description="Their share of all customers.")
    revenue_minor: int = Field(description="What they have paid, less what was given back.")
    revenue_share: float | None = Field(description="That as a share of all.")
    revenue_per_customer_minor: int | None = Field(description="That by customer; missing where nobody is in it.")
    purchases: int = Field(description="Their days with a purchase.")
    mean_days_since: float | None = Field(description="Mean days since the last purchase.")
    action: str = Field(description="What is often done for them.")


class ScoreOut(Out):
    """How one customer scores."""

    customer_id: str = Field(description="The customer's id in the shop.")
    segment: str = Field(description="The customer's segment.")
    recency_score: int = Field(description="1 to 5: how lately, against all others.")
    frequency_score: int = Field(description="1 to 5: how often.")
    money_score: int = Field(description="1 to 5: for how much.")
    last_purchase_on: date = Field(description="Day of the last purchase.")
    days_since: int = Field(description="Days since then.")
    purchases: int = Field(description="Days with a purchase.")
    revenue_minor: int = Field(description="What was paid, less what was given back.")


class CohortOut(Out):
    """One period in the life of a cohort."""

    cohort: date = Field(description="First day of the month or week in which its customers came.")
    period: int = Field(description="Months or weeks since then.")
    period_begins: date = Field(description="First day of that month or week.")
    customers: int = Field(description="Customers of the cohort.")
    active: int = Field(description="Those of them who bought in the period.")
    retention: float | None = Field(description="Their share of the cohort; missing where nobody is in it.")
    revenue_minor: int = Field(description="What they paid in it, less what was given back.")
    revenue_per_customer_minor: int | None = Field(description="That by customer of the cohort.")
    cumulative_per_customer_minor: int | None = Field(description="The same of all periods so far.")
    partial: bool = Field(description="The data do not hold the whole period.")
    may_hold_older: bool = Field(description="Its customers may have bought before the data begin.")


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


class GapOut(Out):
    """A quantile of days between purchases."""

    quantile: float
    days: float | None


class SecondPurchaseOut(Out):
    """How many come back within so many days."""

    days: int
    share: float | None = Field(description="Of all customers; missing where nobody is known for as long.")
    waiting: int = Field(description="Customers known for as long who had not come back before.")


class RetentionOut(Out):
    """Whether customers come back, how soon, and how much of the revenue that is."""

    customers: int = Field(description="Customers with a purchase.")
    repeat_customers: int = Field(description="Those with purchases on two days or more.")
    repeat_rate: float | None = Field(description="Their share.")
    purchases_per_customer: float | None = Field(description="Days with a purchase.")
    revenue_minor: int = Field(description="What all paid, less what was given back.")
    repeat_share: float | None = Field(description="Share of it after each customer's first day.")
    returning_share: float | None = Field(description="Share of it by customers who came back at all.")
    gap_days: list[GapOut] = Field(description="Days between purchases; gaps that are still open do not count.")
    active_days: int
    active: int = Field(description="Customers who bought within so many days.")
    active_share: float | None = Field(description="Their share.")
    second_purchase: list[SecondPurchaseOut] = Field(
        description="Share of customers with a second purchase, by days since the first (Kaplan and Meier)."
    )

    @classmethod
    def of(cls, figures: Retention, second: SecondPurchase) -> RetentionOut:
        """As it is told."""
        rows = zip(second.days.tolist(), second.share.tolist(), second.waiting.tolist(), strict=True)
        return cls(
            customers=figures.customers,
            repeat_customers=figures.repeat_customers,
            repeat_rate=number(figures.repeat_rate),
            purchases_per_customer=number(figures.purchases_per_customer),
            revenue_minor=round(figures.revenue_minor),
            repeat_share=number(figures.repeat_share),
            returning_share=number(figures.returning_share),
            gap_days=[
                GapOut(quantile=at, days=number(days)) for at, days in zip(QUANTILES, figures.gap_days, strict=True)
            ],
            active_days=figures.active_days,
            active=figures.active,
            active_share=number(figures.active_share),
            second_purchase=[
                SecondPurchaseOut(days=days, share=number(share), waiting=waiting) for days, share, waiting in rows
            ],
        )


def number(value: float) -> float | None:
    """JSON has no NaN and no infinity."""
    return float(value) if math.isfinite(value) else None


def _whole(value: float) -> int | None:
    return round(float(value)) if math.isfinite(value) else None
