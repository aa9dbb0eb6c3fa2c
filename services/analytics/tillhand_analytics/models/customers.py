"""Customers as they are told. Amounts are in minor units of the shop's currency; shares and chances are parts of 1."""

from __future__ import annotations

from datetime import date

from pydantic import Field

from tillhand_analytics.domain.customers.retention import QUANTILES, Retention, SecondPurchase
from tillhand_analytics.models.base import Out
from tillhand_analytics.models.customer_models import number


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
