"""Sales as they are told. Amounts are in minor units of the shop's currency; shares are parts of 1."""

from __future__ import annotations

from datetime import date

from pydantic import Field

from tillhand_analytics.domain.sales.kpis import Unit
from tillhand_analytics.domain.sales.mistakes import Standing
from tillhand_analytics.models.base import Out


class KpiOut(Out):
    """A key figure of a window, beside those of other windows."""

    kpi: str = Field(description="Name of the key figure.")
    unit: Unit = Field(
        description="What it counts: minor units of the currency, things, a share, or things of an order."
    )
    value: float | None = Field(description="In the window asked for.")
    previous: float | None = Field(description="In as many days right before.")
    change: float | None = Field(description="By how much it differs; missing where these are not all known.")
    change_share: float | None = Field(description="That as a share of the days before.")
    previous_whole: bool = Field(description="All days before are known.")
    last_year: float | None = Field(description="In the same days, 52 weeks ago.")
    last_year_change: float | None = Field(description="By how much it differs from last year.")
    last_year_change_share: float | None = Field(description="That as a share of last year.")
    last_year_whole: bool = Field(description="All days of last year are known.")


class PeriodOut(Out):
    """What was sold in a day, week or month."""

    period: str = Field(description="The day, ISO week or month.")
    first_day: date = Field(description="Its first day.")
    last_day: date = Field(description="Its last day.")
    whole: bool = Field(description="The window holds all of its days.")
    gross_minor: int = Field(description="Goods before discounts.")
    discount_minor: int = Field(description="Discounts on them.")
    cancelled_minor: int = Field(description="Goods of cancelled orders.")
    returned_minor: int = Field(description="Goods given back.")
    allowance_minor: int = Field(description="Money given back without goods.")
    net_sales_minor: int = Field(description="Gross sales less all of these.")
    shipping_minor: int = Field(description="Shipping, less that of cancelled orders.")
    net_total_minor: int = Field(description="Net sales and shipping.")
    tax_minor: int = Field(description="Tax within the orders that stand.")
    orders_placed: int = Field(description="Orders placed.")
    orders: int = Field(description="Those of them that were not cancelled since.")
    orders_cancelled: int = Field(description="Orders cancelled.")
    units: int = Field(description="Units ordered.")
    units_cancelled: int = Field(description="Units of cancelled orders.")
    units_returned: int = Field(description="Units given back.")
    sessions: int | None = Field(
        description="Visits; missing for a single channel of orders, for visits have channels of their own."
    )


class BreakdownOut(Out):
    """What was sold of a category, product, SKU or supplier, or through a channel."""

    key: str = Field(description="What the row is about; empty for goods that are gone.")
    title: str = Field(description="Its name.")
    net_minor: int = Field(description="Goods less discounts, cancellations and returns.")
    gross_minor: int = Field(description="Goods before discounts.")
    discount_minor: int = Field(description="Discounts on them.")
    cancelled_minor: int = Field(description="Goods of cancelled orders.")
    returned_minor: int = Field(description="Goods given back.")
    units_net: int = Field(description="Units less cancelled and returned ones.")
    units_cancelled: int = Field(description="Units of cancelled orders.")
    units_returned: int = Field(description="Units given back.")
    orders: int = Field(description="Orders of the window that stand and hold it.")
    share: float = Field(description="Share of the net of all rows above zero.")
    cumulative_share: float = Field(description="Share of this row and all better ones.")
    previous_net_minor: int | None = Field(description="Net of as many days right before, where all are known.")
    change_share: float | None = Field(description="Change since then, as a share of it.")
    margin_minor: int | None = Field(description="Net less today's unit costs; missing where a cost is not known.")


class MismatchOut(Out):
    """An order that does not add up."""

    order_id: str = Field(description="The order's id.")
    order_name: str = Field(description="The order's name, as customers see it.")
    day: date = Field(description="The day on which it was placed.")
    lines_minor: int = Field(description="Its lines after discounts.")
    shipping_minor: int = Field(description="Its shipping.")
    total_minor: int = Field(description="What was asked for it.")
    difference_minor: int = Field(description="Lines and shipping less the total.")
    refunded_beyond_minor: int = Field(description="Given back beyond the total.")


class PairOut(Out):
    """Two things bought together."""

    first_key: str = Field(description="The one of the pair.")
    first_title: str = Field(description="Its name.")
    second_key: str = Field(description="The other.")
    second_title: str = Field(description="Its name.")
    orders: int = Field(description="Orders with both.")
    orders_first: int = Field(description="Orders with the one.")
    orders_second: int = Field(description="Orders with the other.")
    support: float = Field(description="Share of all orders that hold both.")
    confidence_first: float = Field(description="Share of orders with the one that hold the other.")
    confidence_second: float = Field(description="Share of orders with the other that hold the one.")
    lift: float = Field(description="Orders with both against what shares of all orders would make.")
    expected_orders: float = Field(description="Orders that chance would make, week by week and by size.")
    excess_orders: float = Field(description="Orders beyond chance.")
    p_value: float = Field(description="That chance makes as many or more.")
    false_discovery_rate: float = Field(description="The rate at which the pair is a finding.")
    finding: bool = Field(description="It is one at the rate asked for.")
    suggested: bool = Field(description="A finding, clearly above chance, and both are for sale.")


class PromotionOut(Out):
    """A discount on whole categories."""

    categories: str = Field(description="What was discounted.")
    first_day: date = Field(description="Its first day.")
    last_day: date = Field(description="Its last day.")
    percent: float = Field(description="What was taken off, in percent.")
    units: int = Field(description="Units sold meanwhile.")
    uplift: float | None = Field(
        description="Units against usual ones, the rest of the shop taken out; 1 is no effect."
    )
    uplift_low: float | None = Field(description="Lower end of its 95 % interval.")
    uplift_high: float | None = Field(description="Upper end of it.")
    extra_margin_minor: int | None = Field(
        description="Margin beyond that of the usual units at full price; missing where a cost is not known."
    )


class StageOut(Out):
    """One stage of one segment."""

    segment: str = Field(description="Channel, device, country or page; all for everything.")
    stage: str = Field(description="What visitors had done.")
    visits: int = Field(description="Visits that got there.")
    share_of_stage_before: float | None = Field(description="Share of those at the stage before.")
    share_low: float | None = Field(description="Lower end of its 95 % interval (Wilson).")
    share_high: float | None = Field(description="Upper end of it.")
    share_of_sessions: float | None = Field(description="Share of all visits of the segment.")
    previous_visits: int | None = Field(description="Visits that got there in as many days before.")
    previous_share: float | None = Field(description="Their share of those at the stage before.")
    change: float | None = Field(description="Difference of the two shares.")
    change_p_value: float | None = Field(description="That chance makes such a difference.")


class DropOffOut(Out):
    """Where a segment loses more visitors than all others."""

    segment: str = Field(description="Channel, device, country or page.")
    stage: str = Field(description="Where visitors leave.")
    next_stage: str = Field(description="Where they do not get to.")
    visits: int = Field(description="Visits that got to the stage.")
    share: float | None = Field(description="Share of them that went on.")
    others_share: float | None = Field(description="Share that goes on in all other segments.")
    lost_purchases: float = Field(description="Purchases if as many went on as elsewhere.")
    lost_minor: int = Field(description="What they would be worth at the mean of all purchases.")
    p_value: float = Field(description="That chance makes such a difference.")
    false_discovery_rate: float = Field(description="The rate at which it is a finding.")
    finding: bool = Field(description="It is one at the rate asked for.")


class OrderToCheckOut(Out):
    """An order that looks like a slip of the hand."""

    order_id: str = Field(description="The order's id.")
    order_name: str = Field(description="The order's name, as customers see it.")
    day: date = Field(description="The day on which it was placed.")
    channel: str = Field(description="Where it was placed.")
    sku: str = Field(description="What there is too much of; empty for goods that are gone.")
    title: str = Field(description="Its name.")
    units: int = Field(description="Units of it in the order.")
    usual_units: int = Field(description="What 99 of 100 orders of it do not exceed.")
    times: float = Field(description="Units against that.")
    total_minor: int = Field(description="What was asked for the order.")
    standing: Standing = Field(description="Whether it still stands; `cancelled_at_once` is within an hour.")
    minutes_to_cancellation: int | None = Field(description="How long it stood; missing while it does.")


class StepOut(Out):
    """One step from gross sales to the net total."""

    entry: str = Field(description="What is added or taken off, or the sum so far: `net_sales` and `net_total`.")
    amount_minor: int = Field(description="Signed: what is taken off is negative.")


class StatementOut(Out):
    """Whether what the lines come to is what was asked for whole orders."""

    first_day: date = Field(description="The first day of the window.")
    last_day: date = Field(description="The last one.")
    steps: list[StepOut]
    by_lines_minor: int = Field(description="The net total from lines, shipping and refunds.")
    by_orders_minor: int = Field(description="The same from the totals of whole orders, less what was given back.")
    unexplained_minor: int = Field(description="The difference of the two; 0 where the shop's data agree.")
    orders_off: int = Field(description="Orders of the window that do not add up; `reconciliation/orders` names them.")
    agrees: bool = Field(description="Whether nothing is left to explain, of any order.")
