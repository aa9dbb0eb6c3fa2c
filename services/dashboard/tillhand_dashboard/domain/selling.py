"""The views of sales: what each shows, and in which columns."""

from __future__ import annotations

from typing import Final

from tillhand_dashboard.domain.figures import Column
from tillhand_dashboard.domain.panels import Panel, Views

HEADLINES: Final = ("net_sales", "orders", "average_order_value", "conversion_rate", "customers_new", "refund_rate")
UNITS: Final = {"minor": "money", "count": "integer", "share": "share", "per_order": "number"}
KPIS: Final = Panel(
    "kpis",
    "Key figures, 28 days",
    "Beside as many days right before, and the same days 52 weeks ago.",
    "sales/kpis",
    (
        Column("kpi", "Figure", "word"),
        Column("value", "28 days"),
        Column("previous", "28 days before"),
        Column("change", "Change", "change"),
        Column("last_year", "A year ago"),
        Column("last_year_change", "Change", "change"),
    ),
    limit=100,
    chart="sales/series",
    alt="Net sales day by day of the last 91 days, beside as many days before; the table of weeks holds the sums.",
)
_WEEKS: Final = Panel(
    "weeks",
    "Sales by week",
    "Weeks of ISO 8601; a week that the window cuts is not whole.",
    "sales/series",
    (
        Column("period", "Week"),
        Column("whole", "Whole", "yes"),
        Column("gross_minor", "Gross", "money"),
        Column("discount_minor", "Discounts", "money"),
        Column("cancelled_minor", "Cancelled", "money"),
        Column("returned_minor", "Returned", "money"),
        Column("net_sales_minor", "Net sales", "money"),
        Column("orders", "Orders", "integer"),
        Column("sessions", "Visits", "integer"),
    ),
    parameters={"step": "week"},
    folded=True,
)
_BREAKDOWN: Final = Panel(
    "categories",
    "What sold, by category",
    "28 days, less discounts, cancellations and returns.",
    "sales/breakdown",
    (
        Column("title", "Category"),
        Column("net_minor", "Net", "money"),
        Column("share", "Share", "share"),
        Column("units_net", "Units", "integer"),
        Column("previous_net_minor", "28 days before", "money"),
        Column("change_share", "Change", "change"),
        Column("margin_minor", "Margin", "money"),
    ),
    limit=100,
    parameters={"by": "category"},
    chart="sales/breakdown",
    alt="Best selling categories of the last 28 days and what they add up to; the table below holds all of them.",
    folded=True,
)
FORECAST: Final = Panel(
    "forecast",
    "What the next 28 days bring",
    "The shop, its categories and its SKUs, in figures that add up. An interval should hold 9 of 10 such sums.",
    "sales/forecast",
    (
        Column("title", "Of what"),
        Column("expected", "Expected", "money"),
        Column("low", "At least", "money"),
        Column("high", "At most", "money"),
        Column("change_share", "On the 28 before", "change"),
        Column("wape", "Was off by", "share"),
        Column("naive_wape", "Naive was off by", "share"),
        Column("coverage", "Intervals held", "share"),
        Column("beats_naive", "Better than naive", "yes"),
    ),
)
DAYS: Final = Panel(
    "days",
    "Day by day",
    "",
    "sales/forecast/days",
    (
        Column("day", "Day"),
        Column("expected", "Expected", "money"),
        Column("low", "At least", "money"),
        Column("high", "At most", "money"),
    ),
    limit=100,
    folded=True,
)
RECORD: Final = Panel(
    "record",
    "Track record beside naive forecasts",
    "How sums over 28 days were off at earlier points of time. “As forecast” is the whole procedure, whose models were "
    "chosen from what was known then; against naive below 1 is better.",
    "sales/forecast/backtest",
    (
        Column("level", "Level", "word"),
        Column("model", "Model", "word"),
        Column("chosen", "In use", "yes"),
        Column("wape", "Off by", "share"),
        Column("against_naive", "Against naive", "number"),
        Column("bias", "Bias", "change"),
        Column("mase", "MASE", "number"),
        Column("series", "Series", "integer"),
        Column("origins", "Times tried", "integer"),
    ),
    limit=200,
)
_COHORTS: Final = Panel(
    "cohorts",
    "Cohorts",
    "Customers by the month of their first purchase: who came back in each later one, and what they paid.",
    "sales/cohorts",
    (
        Column("cohort", "Came in the month of"),
        Column("period", "Months since", "integer"),
        Column("customers", "Customers", "integer"),
        Column("active", "Bought again", "integer"),
        Column("retention", "Share", "share"),
        Column("cumulative_per_customer_minor", "Paid so far each", "money"),
        Column("partial", "Still going on", "yes"),
    ),
    limit=200,
    chart="sales/cohorts",
    alt="Heat map of the share of each month's new customers who bought again in later months; the table holds it.",
    folded=True,
)
_RFM: Final = Panel(
    "rfm",
    "Segments of customers",
    "By how lately and how often they bought (RFM), with what is often done for them.",
    "sales/rfm",
    (
        Column("segment", "Segment", "word"),
        Column("definition", "Who"),
        Column("customers", "Customers", "integer"),
        Column("customer_share", "Share", "share"),
        Column("revenue_minor", "Revenue", "money"),
        Column("revenue_share", "Share", "share"),
        Column("mean_days_since", "Days since, mean", "number"),
        Column("action", "What to do"),
    ),
)
_CLV: Final = Panel(
    "clv",
    "Customers who may bring most",
    "Within a year, by id in the shop; nobody is named. The last column is the one to go by.",
    "sales/clv",
    (
        Column("customer_id", "Customer"),
        Column("purchases", "Purchases", "integer"),
        Column("last_purchase_on", "Last one"),
        Column("alive_probability", "Still there", "share"),
        Column("expected_purchases", "Expected purchases", "number"),
        Column("naive_purchases", "Naive", "number"),
        Column("model_value_minor", "Value by the model", "money"),
        Column("naive_value_minor", "Naive", "money"),
        Column("value_minor", "Value", "money"),
    ),
    limit=15,
    chart="sales/clv/tracking",
    alt="Repeat purchases of all customers week by week: as they came, and as the model of the holdout expected them.",
)
_BASKETS: Final = Panel(
    "baskets",
    "Bought together",
    "In a year, beyond chance; pairs are findings at a false discovery rate of 5 %.",
    "sales/baskets",
    (
        Column("first_title", "One"),
        Column("second_title", "The other"),
        Column("orders", "Orders with both", "integer"),
        Column("expected_orders", "By chance", "number"),
        Column("lift", "Lift", "number"),
        Column("false_discovery_rate", "q-value", "chance"),
        Column("suggested", "Worth a suggestion", "yes"),
    ),
    parameters={"only_findings": "true"},
)
_FUNNEL: Final = Panel(
    "funnel",
    "Funnel",
    "Visits of 28 days at each stage, with Wilson's 95 % interval, beside the 28 days before.",
    "sales/funnel",
    (
        Column("stage", "Stage", "word"),
        Column("visits", "Visits", "integer"),
        Column("share_of_stage_before", "Of those before", "share"),
        Column("share_low", "at least", "share"),
        Column("share_high", "at most", "share"),
        Column("previous_share", "28 days before", "share"),
        Column("change_p_value", "By chance (p)", "chance"),
    ),
    chart="sales/funnel",
    alt="Visits of the last 28 days at each stage; the table below holds them.",
)
_DROPS: Final = Panel(
    "drops",
    "Where visitors are lost",
    "Segments that lose more than all others, what costs most first.",
    "sales/funnel/drop-offs",
    (
        Column("segment", "Device", "word"),
        Column("stage", "From", "word"),
        Column("next_stage", "To", "word"),
        Column("share", "Went on", "share"),
        Column("others_share", "Elsewhere", "share"),
        Column("lost_purchases", "Purchases lost", "number"),
        Column("lost_minor", "Worth", "money"),
        Column("false_discovery_rate", "q-value", "chance"),
        Column("finding", "A finding", "yes"),
    ),
    limit=10,
)
_CHECK: Final = Panel(
    "check",
    "Orders to check",
    "They hold far more of something than anybody orders; open ones first.",
    "sales/orders-to-check",
    (
        Column("order_name", "Order"),
        Column("day", "Day"),
        Column("sku", "SKU"),
        Column("units", "Units", "integer"),
        Column("usual_units", "Usual at most", "integer"),
        Column("total_minor", "Total", "money"),
        Column("standing", "Standing", "word"),
    ),
)
EPISODES: Final = Panel("episodes", "Unusual days", "", "anomalies", (), limit=30)
CAUSES: Final = Panel("causes", "Causes", "", "anomalies/causes", (), limit=1_000)
VIEWS: Final = (
    Views("overview", "Overview", (KPIS, _WEEKS, _BREAKDOWN), {"reconciliation": "sales/reconciliation"}),
    Views("forecast", "Forecast", (FORECAST, DAYS, RECORD)),
    Views("customers", "Customers", (_COHORTS, _RFM, _CLV), {"model": "sales/clv/model"}),
    Views("baskets", "Baskets and funnel", (_BASKETS, _FUNNEL, _DROPS, _CHECK)),
    Views("anomalies", "Anomalies", (EPISODES, CAUSES), {"overview": "anomalies/overview"}),
    Views("experiments", "Experiments"),
)


def view_of(name: str) -> Views:
    """The view of this name; the first one for any other."""
    return next((view for view in VIEWS if view.id == name), VIEWS[0])
